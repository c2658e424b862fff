-- Of two machines that show one code at once the second waits for the first, and then finds it used.
UPDATE devices SET code_digest = NULL, code_expires_at = NULL, secret_digest = $2, seen_at = $3
WHERE code_digest = $1 AND code_expires_at > $3 AND revoked_at IS NULL
RETURNING organization_id, device_id;

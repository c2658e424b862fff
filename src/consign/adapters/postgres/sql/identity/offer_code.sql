INSERT INTO devices (organization_id, device_id, code_digest, code_expires_at) VALUES ($1, $2, $3, $4)
ON CONFLICT (organization_id, device_id)
DO UPDATE SET code_digest = excluded.code_digest, code_expires_at = excluded.code_expires_at
WHERE devices.revoked_at IS NULL AND devices.secret_digest IS NULL
RETURNING device_id;

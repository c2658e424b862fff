SELECT organization_id, device_id FROM devices
WHERE code_digest = $1 AND code_expires_at > $2 AND revoked_at IS NULL;

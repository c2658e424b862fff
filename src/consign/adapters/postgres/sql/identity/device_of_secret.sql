SELECT organization_id, device_id FROM devices WHERE secret_digest = $1 AND revoked_at IS NULL;

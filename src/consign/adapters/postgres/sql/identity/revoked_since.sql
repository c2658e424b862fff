SELECT organization_id, device_id AS id FROM devices WHERE revoked_at >= $1;

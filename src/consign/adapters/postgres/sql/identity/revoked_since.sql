SELECT organization_id, device_id AS id FROM devices WHERE revoked_at >= $1
UNION ALL
SELECT organization_id, key_id FROM api_keys WHERE revoked_at >= $1;

SELECT organization_id, key_id, only_endpoints, expires_at FROM api_keys
WHERE secret_digest = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $2);

INSERT INTO api_keys (organization_id, key_id, revoked_at) VALUES ($1, $2, $3)
ON CONFLICT (organization_id, key_id) DO UPDATE SET revoked_at = COALESCE(api_keys.revoked_at, excluded.revoked_at);

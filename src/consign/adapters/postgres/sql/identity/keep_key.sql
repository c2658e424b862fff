INSERT INTO api_keys (organization_id, key_id, secret_digest, only_endpoints, expires_at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (organization_id, key_id) DO UPDATE SET secret_digest = excluded.secret_digest
WHERE api_keys.used_at IS NULL AND api_keys.revoked_at IS NULL
RETURNING key_id;

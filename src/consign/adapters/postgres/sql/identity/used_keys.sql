SELECT key_id, used_at FROM api_keys
WHERE organization_id = $1 AND key_id = ANY ($2::uuid[]) AND used_at IS NOT NULL;

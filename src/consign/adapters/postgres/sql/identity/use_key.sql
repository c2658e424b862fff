UPDATE api_keys SET used_at = $3
WHERE organization_id = $1 AND key_id = $2 AND (used_at IS NULL OR used_at <= $3::timestamptz - $4::interval);

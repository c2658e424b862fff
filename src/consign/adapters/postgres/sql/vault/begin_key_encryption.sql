INSERT INTO consign.key_encryption (key_id, wrapped_root) VALUES ($1, $2) ON CONFLICT DO NOTHING

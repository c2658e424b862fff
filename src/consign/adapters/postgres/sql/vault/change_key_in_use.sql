UPDATE consign.key_encryption SET key_id = $2, wrapped_root = $3 WHERE key_id = $1

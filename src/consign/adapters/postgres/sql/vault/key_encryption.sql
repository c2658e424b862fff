SELECT key_id, wrapped_root FROM consign.key_encryption

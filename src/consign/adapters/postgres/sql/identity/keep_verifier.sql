INSERT INTO passwords (account_id, verifier, changed_at) VALUES ($1, $2, $3)
ON CONFLICT (account_id) DO UPDATE SET verifier = EXCLUDED.verifier, changed_at = EXCLUDED.changed_at;

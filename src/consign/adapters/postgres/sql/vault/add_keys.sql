-- The lock holds up whoever changes the key in use: no key is wrapped by one that was just put out of use.
WITH in_use AS MATERIALIZED (SELECT key_id FROM consign.key_encryption WHERE key_id = $4 FOR SHARE)
INSERT INTO consign.subject_keys (organization_id, subject_id, wrapped_key, ends_at)
SELECT $1, given.subject_id, given.wrapped_key, $5
FROM unnest($2::uuid[], $3::bytea[]) AS given (subject_id, wrapped_key), in_use
ORDER BY given.subject_id
ON CONFLICT (organization_id, subject_id) DO NOTHING

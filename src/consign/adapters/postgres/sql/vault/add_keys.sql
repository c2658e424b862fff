INSERT INTO subject_keys (organization_id, subject_id, wrapped_key)
SELECT $1, given.subject_id, given.wrapped_key
FROM unnest($2::uuid[], $3::bytea[]) AS given (subject_id, wrapped_key)
ORDER BY given.subject_id
ON CONFLICT (organization_id, subject_id) DO NOTHING

SELECT organization_id, subject_id, wrapped_key FROM consign.subject_keys
WHERE (organization_id, subject_id) > ($1, $2::uuid) AND substring(wrapped_key FROM 2 FOR 8) <> $3
ORDER BY organization_id, subject_id LIMIT $4

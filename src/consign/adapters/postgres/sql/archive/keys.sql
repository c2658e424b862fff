SELECT subject_id, wrapped_key, erased_at, ends_at FROM consign.subject_keys WHERE organization_id = $1 ORDER BY subject_id

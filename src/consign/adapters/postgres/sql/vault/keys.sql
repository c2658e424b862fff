SELECT subject_id, wrapped_key FROM subject_keys WHERE organization_id = $1 AND subject_id = ANY ($2::uuid[])

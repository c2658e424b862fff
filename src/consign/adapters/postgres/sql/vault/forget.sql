UPDATE subject_keys SET wrapped_key = NULL, erased_at = clock_timestamp()
WHERE organization_id = $1 AND subject_id = $2 AND erased_at IS NULL

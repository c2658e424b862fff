UPDATE consign.subject_keys AS known SET wrapped_key = NULL, erased_at = clock_timestamp()
FROM (
  SELECT organization_id, subject_id FROM consign.subject_keys
  WHERE ends_at <= $1 AND erased_at IS NULL
  ORDER BY ends_at LIMIT $2 FOR UPDATE SKIP LOCKED
) AS ended
WHERE (known.organization_id, known.subject_id) = (ended.organization_id, ended.subject_id)

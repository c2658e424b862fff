INSERT INTO consign.subject_keys AS known (organization_id, subject_id, wrapped_key, erased_at)
SELECT given.organization_id, given.subject_id, NULL, clock_timestamp()
FROM unnest($1::text[], $2::uuid[]) AS given (organization_id, subject_id)
ORDER BY given.organization_id, given.subject_id
ON CONFLICT (organization_id, subject_id)
  DO UPDATE SET wrapped_key = NULL, erased_at = excluded.erased_at WHERE known.erased_at IS NULL

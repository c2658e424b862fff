-- Who was forgotten in between stays forgotten: only what is still as it was read is replaced.
UPDATE consign.subject_keys AS known SET wrapped_key = given.after
FROM unnest($1::text[], $2::uuid[], $3::bytea[], $4::bytea[]) AS given (organization_id, subject_id, before, after)
WHERE known.organization_id = given.organization_id AND known.subject_id = given.subject_id
  AND known.wrapped_key = given.before

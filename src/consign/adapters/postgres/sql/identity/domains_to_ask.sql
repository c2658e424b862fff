-- Each is taken by one process, which asks its holder. What somebody wants goes first.
UPDATE domains SET asked_at = $1
WHERE domain IN (
  SELECT domain FROM domains
  WHERE (organization_id IS NOT NULL OR wanted_by IS NOT NULL)
    AND (asked_at IS NULL OR asked_at <= $1::timestamptz - CASE WHEN wanted_by IS NULL THEN $2::interval ELSE $3::interval END)
  ORDER BY wanted_by IS NULL, asked_at NULLS FIRST LIMIT $4
  FOR UPDATE SKIP LOCKED
)
RETURNING domain, organization_id, doubted_since, wanted_by, wanted_since

-- Whoever claims a domain has shown it. If it is another's they want it: its holder is asked at once, and has time from when
-- it was wanted first. A holder who claims it again has shown it, so nobody else gets it.
INSERT INTO domains AS known (domain, organization_id, changed_at, asked_at) VALUES ($1, $2, clock_timestamp(), $3)
ON CONFLICT (domain) DO UPDATE SET
  organization_id = coalesce(known.organization_id, excluded.organization_id),
  changed_at = excluded.changed_at,
  asked_at = CASE
    WHEN coalesce(known.organization_id, $2) = $2 THEN $3
    WHEN known.wanted_by IS NULL THEN NULL
    ELSE known.asked_at
  END,
  doubted_since = CASE WHEN coalesce(known.organization_id, $2) = $2 THEN NULL ELSE known.doubted_since END,
  wanted_by = CASE WHEN coalesce(known.organization_id, $2) = $2 THEN NULL ELSE $2 END,
  wanted_since = CASE WHEN coalesce(known.organization_id, $2) = $2 THEN NULL ELSE coalesce(known.wanted_since, $3) END
RETURNING organization_id

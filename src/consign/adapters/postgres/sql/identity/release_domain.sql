-- Whoever has the domain next is shown the cookies that browsers keep for it: what began under it ends. Whoever wanted it
-- and gives up wants it no more.
WITH released AS (
  UPDATE domains SET organization_id = NULL, doubted_since = NULL, asked_at = NULL, changed_at = clock_timestamp()
  WHERE domain = $1 AND organization_id = $2
  RETURNING domain
), given_up AS (
  UPDATE domains SET wanted_by = NULL, wanted_since = NULL WHERE domain = $1 AND wanted_by = $2
)
UPDATE sessions SET ended_at = clock_timestamp() WHERE host IN (SELECT domain FROM released) AND ended_at IS NULL

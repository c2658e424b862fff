-- Whoever has the domain next is shown the cookies that browsers keep for it: what began under it ends.
WITH released AS (
  UPDATE domains SET organization_id = NULL, changed_at = clock_timestamp() WHERE domain = $1 AND organization_id = $2
  RETURNING domain
)
UPDATE sessions SET ended_at = clock_timestamp() WHERE host IN (SELECT domain FROM released) AND ended_at IS NULL

-- It passes from whom it was when it was looked at to whom wants it still, unless logs are to be told of the time before. What
-- began under it ends.
WITH passed AS (
  UPDATE domains SET organization_id = wanted_by, wanted_by = NULL, wanted_since = NULL, doubted_since = NULL,
    former = organization_id, untold = true, changed_at = clock_timestamp()
  WHERE domain = $1 AND organization_id IS NOT DISTINCT FROM $2 AND wanted_by = $3 AND NOT untold
    AND (organization_id IS NULL OR doubted_since IS NOT NULL)
  RETURNING domain
), ended AS (
  UPDATE sessions SET ended_at = clock_timestamp() WHERE host IN (SELECT domain FROM passed) AND ended_at IS NULL
)
SELECT domain FROM passed

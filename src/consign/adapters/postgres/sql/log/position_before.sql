-- The writer's clock never goes back, so halving finds the place: two dozen looks at the primary key, and no index.
WITH RECURSIVE search (low, high) AS (
  SELECT 0::bigint, position FROM consign.heads WHERE organization_id = $1
  UNION ALL
  SELECT
    CASE WHEN event.recorded_at < $2 THEN halves.middle ELSE halves.low END,
    CASE WHEN event.recorded_at < $2 THEN halves.high ELSE halves.middle - 1 END
  FROM (SELECT low, high, (low + high + 1) / 2 AS middle FROM search WHERE low < high) AS halves
  JOIN consign.events AS event ON event.organization_id = $1 AND event.position = halves.middle
)
SELECT low FROM search WHERE low = high

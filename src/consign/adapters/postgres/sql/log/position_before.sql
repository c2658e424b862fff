-- The writer's clock never goes back, so halving finds the place: two dozen looks at the primary key, and no index. A
-- look is a subquery of its own, since the planner, joining, reads the whole log for each.
WITH RECURSIVE search (low, high) AS (
  SELECT 0::bigint, position FROM consign.heads WHERE organization_id = $1
  UNION ALL
  SELECT
    CASE WHEN looked.is_before THEN looked.middle ELSE looked.low END,
    CASE WHEN looked.is_before THEN looked.high ELSE looked.middle - 1 END
  FROM (
    SELECT low, high, middle, (
      SELECT event.recorded_at < $2
      FROM consign.events AS event
      WHERE event.organization_id = $1 AND event.position = halves.middle
    ) AS is_before
    FROM (SELECT low, high, (low + high + 1) / 2 AS middle FROM search WHERE low < high) AS halves
  ) AS looked
)
SELECT low FROM search WHERE low = high

-- Compares with the epoch that was seen, for a row locked after a wait is judged again with the old rows of its joins.
-- Locking in order keeps two claimers from waiting for each other.
WITH seen AS MATERIALIZED (
  SELECT s.slice
  FROM unnest($3::smallint[], $4::bigint[]) AS w (slice, epoch)
  JOIN consign.slices s ON s.slice = w.slice AND s.epoch = w.epoch
  ORDER BY s.slice
  FOR UPDATE OF s
)
UPDATE consign.slices s
SET epoch = s.epoch + 1, owner = $1, incarnation = $2
FROM unnest($3::smallint[], $4::bigint[]) AS w (slice, epoch)
WHERE s.slice IN (SELECT slice FROM seen) AND s.slice = w.slice AND s.epoch = w.epoch
  AND NOT EXISTS (
    SELECT FROM consign.nodes n
    WHERE n.node_id = s.owner AND n.incarnation = s.incarnation AND n.expires_at > clock_timestamp()
  )
RETURNING s.slice, s.epoch

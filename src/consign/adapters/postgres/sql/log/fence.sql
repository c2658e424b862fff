-- Lock the heads in a fixed order and move those whose fence holds; the others stay as they are and are not returned.
WITH locked AS MATERIALIZED (
  SELECT h.organization_id
  FROM unnest($1::text[], $2::bigint[], $3::bigint[]) AS b (organization_id, epoch, expected)
  JOIN consign.heads h ON h.organization_id = b.organization_id
  WHERE h.epoch = b.epoch AND h.position = b.expected
  ORDER BY h.organization_id
  FOR NO KEY UPDATE OF h
)
UPDATE consign.heads h
SET position = b.position, hash = coalesce(b.hash, h.hash), recorded_at = coalesce(b.recorded_at, h.recorded_at)
FROM unnest($1::text[], $4::bigint[], $5::bytea[], $6::timestamptz[]) AS b (organization_id, position, hash, recorded_at)
WHERE h.organization_id = b.organization_id
  AND h.organization_id IN (SELECT organization_id FROM locked)
RETURNING h.organization_id

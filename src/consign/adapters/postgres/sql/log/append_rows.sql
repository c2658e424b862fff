-- A batch in one statement, one round trip: fence, heads, events, command records. Large ones use COPY.
WITH locked AS MATERIALIZED (
  SELECT h.organization_id
  FROM unnest($1::text[], $2::bigint[], $3::bigint[]) AS b (organization_id, epoch, expected)
  JOIN consign.heads h ON h.organization_id = b.organization_id
  WHERE h.epoch = b.epoch AND h.position = b.expected
  ORDER BY h.organization_id
  FOR NO KEY UPDATE OF h
), moved AS (
  UPDATE consign.heads h
  SET position = b.position, hash = coalesce(b.hash, h.hash), recorded_at = coalesce(b.recorded_at, h.recorded_at)
  FROM unnest($1::text[], $4::bigint[], $5::bytea[], $6::timestamptz[])
    AS b (organization_id, position, hash, recorded_at)
  WHERE h.organization_id = b.organization_id
    AND h.organization_id IN (SELECT organization_id FROM locked)
), appended AS (
  INSERT INTO consign.events (
    organization_id, position, stream, version, type, schema, event_id, commit_position, command_id, correlation_id,
    causation_id, account_id, role, on_behalf_of, device_id, occurred_at, recorded_at, meta, data, hash
  )
  SELECT e.* FROM unnest($7::consign.event_row[]) AS e WHERE e.organization_id IN (SELECT organization_id FROM locked)
), recorded AS (
  INSERT INTO consign.commands (command_id, organization_id, account_id, request_hash, position, answer)
  SELECT c.* FROM unnest($8::consign.command_row[]) AS c WHERE c.organization_id IN (SELECT organization_id FROM locked)
)
SELECT organization_id FROM locked

-- A small batch in one statement, one round trip: fence, heads, events, command records. Larger ones use COPY.
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
  SELECT e.*
  FROM unnest(
    $7::text[], $8::bigint[], $9::text[], $10::bigint[], $11::text[], $12::integer[], $13::uuid[], $14::bigint[],
    $15::uuid[], $16::uuid[], $17::uuid[], $18::text[], $19::text[], $20::text[], $21::text[], $22::timestamptz[],
    $23::timestamptz[], $24::text[], $25::bytea[], $26::bytea[]
  ) AS e (organization_id)
  WHERE e.organization_id IN (SELECT organization_id FROM locked)
), recorded AS (
  INSERT INTO consign.commands (command_id, organization_id, account_id, request_hash, position, answer)
  SELECT c.*
  FROM unnest($27::uuid[], $28::text[], $29::text[], $30::bytea[], $31::bigint[], $32::bytea[])
    AS c (command_id, organization_id)
  WHERE c.organization_id IN (SELECT organization_id FROM locked)
)
SELECT organization_id FROM locked

SELECT organization_id, position, stream, version, type, schema, event_id, commit_position, command_id, correlation_id,
  causation_id, account_id, role, on_behalf_of, device_id, occurred_at, recorded_at, meta, data, hash
FROM consign.events
WHERE organization_id = $1 AND stream = $2 AND version > $3 AND position($5::bytea in data) > 0
ORDER BY version
LIMIT $4

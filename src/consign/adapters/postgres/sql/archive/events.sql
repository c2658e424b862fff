SELECT organization_id, position, stream, version, type, schema, event_id, commit_position, command_id, correlation_id,
  causation_id, account_id, role, on_behalf_of, device_id, occurred_at, recorded_at, meta, data, hash
FROM consign.events WHERE organization_id = $1 ORDER BY position

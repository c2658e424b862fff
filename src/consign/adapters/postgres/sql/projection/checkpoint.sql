SELECT organization_id, name, version, build, serving, status, checkpoint, log_id, hash,
  failed_position, failed_event_id, error
FROM consign.projection
WHERE organization_id = $1 AND name = $2 AND version = $3 AND build = $4

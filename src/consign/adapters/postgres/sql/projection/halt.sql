UPDATE consign.projection
SET status = $7, failed_position = $8, failed_event_id = $9, error = $10, changed_at = now()
WHERE organization_id = $1 AND name = $2 AND version = $3 AND build = $4 AND checkpoint = $5 AND log_id = $6
  AND status IN ('running', 'building', 'failing')
RETURNING name

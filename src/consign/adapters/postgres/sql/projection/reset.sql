INSERT INTO consign.projection (organization_id, name, version, build, serving, status, checkpoint, log_id, hash)
VALUES ($1, $2, $3, $4, false, 'building', $5, $6, $7)
ON CONFLICT (organization_id, name, version, build) DO UPDATE
SET status = 'building', checkpoint = EXCLUDED.checkpoint, log_id = EXCLUDED.log_id, hash = EXCLUDED.hash,
  failed_position = NULL, failed_event_id = NULL, error = NULL, changed_at = now()
WHERE NOT projection.serving
RETURNING name

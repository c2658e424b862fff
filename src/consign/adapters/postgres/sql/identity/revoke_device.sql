WITH revoked AS (
  INSERT INTO devices (organization_id, device_id, revoked_at) VALUES ($1, $2, $3)
  ON CONFLICT (organization_id, device_id)
  DO UPDATE SET revoked_at = COALESCE(devices.revoked_at, excluded.revoked_at), code_digest = NULL, code_expires_at = NULL
)
UPDATE sessions SET ended_at = $3 WHERE organization_id = $1 AND device_id = $2 AND ended_at IS NULL
RETURNING session_id;

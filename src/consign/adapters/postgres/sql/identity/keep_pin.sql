WITH kept AS (
  INSERT INTO pins (organization_id, account_id, version, verifier_sealed, changed_at) VALUES ($1, $2, $3, $4, $5)
  ON CONFLICT (organization_id, account_id) DO UPDATE
  SET version = excluded.version, verifier_sealed = excluded.verifier_sealed, changed_at = excluded.changed_at
  WHERE pins.version <= excluded.version
  RETURNING account_id
)
UPDATE sessions SET ended_at = $5
WHERE organization_id = $1 AND device_id IS NOT NULL AND ended_at IS NULL AND account_id IN (SELECT account_id FROM kept)
RETURNING session_id;

-- Of two that spend one token at once the second waits for the first, and then finds it spent. A session on a device ends
-- when it was said to at its beginning, however much it is used.
WITH spent AS (
  UPDATE refresh_tokens SET spent_at = $3
  FROM sessions
  WHERE refresh_tokens.token_digest = $1 AND spent_at IS NULL
    AND sessions.session_id = refresh_tokens.session_id AND ended_at IS NULL AND expires_at > $3
  RETURNING refresh_tokens.session_id
), used AS (
  UPDATE sessions SET used_at = $3, expires_at = CASE
    WHEN device_id IS NULL THEN LEAST($3 + $4::interval, began_at + $5::interval) ELSE expires_at
  END
  WHERE session_id IN (SELECT session_id FROM spent)
  RETURNING session_id, account_id, organization_id, device_id, host
), seen AS (
  UPDATE devices SET seen_at = $3 FROM used
  WHERE devices.organization_id = used.organization_id AND devices.device_id = used.device_id
), issued AS (
  INSERT INTO refresh_tokens (token_digest, session_id, issued_at) SELECT $2, session_id, $3 FROM used
)
SELECT session_id, account_id, organization_id, device_id, host FROM used;

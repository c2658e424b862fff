-- The ones that were used longest ago end.
UPDATE sessions SET ended_at = $2
WHERE session_id IN (
  SELECT session_id FROM sessions
  WHERE account_id = $1 AND ended_at IS NULL AND expires_at > $2
  ORDER BY used_at DESC, session_id DESC OFFSET $3
);

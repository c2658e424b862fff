DELETE FROM sessions WHERE session_id IN (
  SELECT session_id FROM sessions WHERE ended_at < $1 OR expires_at < $1 ORDER BY session_id LIMIT $2 FOR UPDATE SKIP LOCKED
)
RETURNING 1

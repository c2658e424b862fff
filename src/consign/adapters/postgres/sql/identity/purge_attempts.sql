DELETE FROM attempts WHERE state_digest IN (
  SELECT state_digest FROM attempts WHERE expires_at < $1 ORDER BY expires_at LIMIT $2 FOR UPDATE SKIP LOCKED
)
RETURNING 1

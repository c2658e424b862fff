DELETE FROM refresh_tokens WHERE token_digest IN (
  SELECT token_digest FROM refresh_tokens WHERE spent_at < $1 ORDER BY spent_at LIMIT $2 FOR UPDATE SKIP LOCKED
)
RETURNING 1

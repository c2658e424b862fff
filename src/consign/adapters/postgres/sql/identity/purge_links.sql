DELETE FROM links WHERE link_id IN (
  SELECT link_id FROM links WHERE expires_at < $1 ORDER BY expires_at LIMIT $2 FOR UPDATE SKIP LOCKED
)
RETURNING 1

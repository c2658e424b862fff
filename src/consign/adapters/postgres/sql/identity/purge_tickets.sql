DELETE FROM live_tickets WHERE ticket_digest IN (
  SELECT ticket_digest FROM live_tickets WHERE expires_at < $1 ORDER BY expires_at LIMIT $2 FOR UPDATE SKIP LOCKED
)
RETURNING 1

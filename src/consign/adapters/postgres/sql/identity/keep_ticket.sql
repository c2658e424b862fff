WITH gone AS (
  DELETE FROM live_tickets WHERE ticket_digest IN (
    SELECT ticket_digest FROM live_tickets WHERE expires_at < $3 ORDER BY expires_at LIMIT 100 FOR UPDATE SKIP LOCKED
  )
)
INSERT INTO live_tickets (ticket_digest, content_sealed, expires_at) VALUES ($1, $2, $4)

DELETE FROM live_tickets WHERE ticket_digest = $1 AND expires_at > $2 RETURNING content_sealed

-- Tickets that open one live stream: a digest, and sealed what they stand for. One that is taken is gone.
CREATE TABLE identity.live_tickets (
  ticket_digest bytea PRIMARY KEY CHECK (length(ticket_digest) = 32),
  content_sealed bytea NOT NULL,
  expires_at timestamptz NOT NULL
);
CREATE INDEX live_tickets_by_end ON identity.live_tickets (expires_at);

ALTER TABLE identity.live_tickets OWNER TO consign_owner;
GRANT SELECT, INSERT, DELETE, UPDATE ON identity.live_tickets TO consign_identity;

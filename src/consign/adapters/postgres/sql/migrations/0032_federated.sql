-- Sign-ins with another issuer that are under way, and whose account somebody is who came that way.
CREATE TABLE identity.attempts (
  state_digest bytea PRIMARY KEY CHECK (length(state_digest) = 32),
  browser_digest bytea NOT NULL CHECK (length(browser_digest) = 32),
  content_sealed bytea NOT NULL,
  expires_at timestamptz NOT NULL
);
CREATE INDEX attempts_by_end ON identity.attempts (expires_at);

CREATE TABLE identity.subjects (
  subject_digest bytea PRIMARY KEY CHECK (length(subject_digest) = 32),
  account_id text NOT NULL,
  since timestamptz NOT NULL
);
CREATE INDEX subjects_by_account ON identity.subjects (account_id);

ALTER TABLE identity.attempts OWNER TO consign_owner;
ALTER TABLE identity.subjects OWNER TO consign_owner;
GRANT SELECT, INSERT, UPDATE, DELETE ON identity.attempts, identity.subjects TO consign_identity;

-- What tells a password that is shown: an argon2id verifier, no password.
CREATE TABLE identity.passwords (
  account_id text PRIMARY KEY,
  verifier text NOT NULL,
  changed_at timestamptz NOT NULL
);
ALTER TABLE identity.passwords OWNER TO consign_owner;
GRANT SELECT, INSERT, UPDATE, DELETE ON identity.passwords TO consign_identity;

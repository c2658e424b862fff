-- What people sign in with. No secret is here, only what tells one that is shown: digests. Who somebody is, is here as a
-- keyed digest of an address at most. The facts (signed in, refused, ended) are in the platform's log.

DO $role$
BEGIN
  CREATE ROLE consign_identity NOLOGIN NOINHERIT;
EXCEPTION WHEN duplicate_object OR unique_violation THEN
  NULL; -- roles belong to the cluster: another database made it
END
$role$;

CREATE SCHEMA identity AUTHORIZATION consign_owner;
GRANT USAGE ON SCHEMA identity TO consign_identity;
SET LOCAL search_path = identity, pg_catalog;

CREATE TABLE addresses (
  address_digest bytea PRIMARY KEY CHECK (length(address_digest) = 32),
  account_id text NOT NULL,
  since timestamptz NOT NULL
);
CREATE INDEX addresses_by_account ON addresses (account_id);

-- A link that was sent by mail, and the code beside it: whichever is shown first counts, once.
CREATE TABLE links (
  link_id uuid PRIMARY KEY,
  address_digest bytea NOT NULL,
  address_sealed bytea NOT NULL,
  token_digest bytea NOT NULL UNIQUE,
  code_digest bytea NOT NULL,
  expires_at timestamptz NOT NULL,
  tries_left smallint NOT NULL CHECK (tries_left >= 0),
  redeemed_at timestamptz
);
CREATE INDEX links_by_end ON links (expires_at);

CREATE TABLE sessions (
  session_id uuid PRIMARY KEY,
  account_id text NOT NULL,
  device text NOT NULL,
  began_at timestamptz NOT NULL,
  used_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  ended_at timestamptz
);
CREATE INDEX sessions_by_account ON sessions (account_id);
CREATE INDEX sessions_by_end ON sessions (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX sessions_by_expiry ON sessions (expires_at);

-- Every refresh token of a session, the spent ones too: one that comes again was stolen.
CREATE TABLE refresh_tokens (
  token_digest bytea PRIMARY KEY CHECK (length(token_digest) = 32),
  session_id uuid NOT NULL REFERENCES sessions ON DELETE CASCADE,
  issued_at timestamptz NOT NULL,
  spent_at timestamptz
);
CREATE INDEX refresh_tokens_by_session ON refresh_tokens (session_id);
CREATE INDEX refresh_tokens_by_spending ON refresh_tokens (spent_at) WHERE spent_at IS NOT NULL;

DO $owners$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['addresses', 'links', 'sessions', 'refresh_tokens'] LOOP
    EXECUTE format('ALTER TABLE identity.%I OWNER TO consign_owner', name);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON identity.%I TO consign_identity', name);
  END LOOP;
END
$owners$;

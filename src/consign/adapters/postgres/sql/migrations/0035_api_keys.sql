-- What programs of others show themselves by: digests of keys. Their names and what became of them are in the log.
CREATE TABLE identity.api_keys (
  organization_id text NOT NULL,
  key_id uuid NOT NULL,
  secret_digest bytea UNIQUE CHECK (length(secret_digest) = 32),
  only_endpoints text[] NOT NULL DEFAULT '{}',
  expires_at timestamptz,
  used_at timestamptz,
  revoked_at timestamptz,
  PRIMARY KEY (organization_id, key_id)
);
CREATE INDEX api_keys_by_revocation ON identity.api_keys (revoked_at) WHERE revoked_at IS NOT NULL;

ALTER TABLE identity.api_keys OWNER TO consign_owner;
GRANT SELECT, INSERT, UPDATE, DELETE ON identity.api_keys TO consign_identity;

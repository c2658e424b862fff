-- Who may read an organization's public events from NATS. Nothing secret lies here: the password follows from the
-- installation's key and these columns, and `serial` counts the passwords that an integrator was given.
CREATE TABLE identity.nats_credentials (
  organization_id text NOT NULL CHECK (organization_id ~ '^[a-z0-9-]{2,40}$'),
  integrator text NOT NULL CHECK (integrator ~ '^[a-z0-9-]{1,40}$'),
  serial integer NOT NULL DEFAULT 1 CHECK (serial >= 1),
  revoked_at timestamptz,
  PRIMARY KEY (organization_id, integrator)
);
ALTER TABLE identity.nats_credentials OWNER TO consign_owner;
GRANT SELECT, INSERT, UPDATE ON identity.nats_credentials TO consign_identity;

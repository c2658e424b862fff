-- What machines show themselves by: digests of enrolment codes (keyed) and of secrets. Their names and what became of
-- them are in the organization's log.
CREATE TABLE identity.devices (
  organization_id text NOT NULL,
  device_id uuid NOT NULL,
  code_digest bytea UNIQUE CHECK (length(code_digest) = 32),
  code_expires_at timestamptz,
  secret_digest bytea UNIQUE CHECK (length(secret_digest) = 32),
  seen_at timestamptz,
  revoked_at timestamptz,
  PRIMARY KEY (organization_id, device_id)
);
CREATE INDEX devices_by_revocation ON identity.devices (revoked_at) WHERE revoked_at IS NOT NULL;

-- Sessions that began by PIN on a device reach one organization from there alone.
ALTER TABLE identity.sessions
  ADD COLUMN organization_id text,
  ADD COLUMN device_id uuid,
  ADD CHECK ((organization_id IS NULL) = (device_id IS NULL));
CREATE INDEX sessions_by_device ON identity.sessions (organization_id, device_id) WHERE device_id IS NOT NULL;

ALTER TABLE identity.devices OWNER TO consign_owner;
GRANT SELECT, INSERT, UPDATE, DELETE ON identity.devices TO consign_identity;

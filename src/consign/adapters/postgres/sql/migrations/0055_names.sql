-- Who signs in under a name that means one organization does so for that organization alone: with a device, or without.
-- `host` is that name. Once it means another organization, what began under it ends.
ALTER TABLE identity.sessions
  DROP CONSTRAINT sessions_check,
  ADD COLUMN host text CHECK (length(host) <= 253),
  ADD CHECK (organization_id IS NOT NULL OR (device_id IS NULL AND host IS NULL));
CREATE INDEX sessions_by_host ON identity.sessions (host) WHERE host IS NOT NULL;

-- A mail to sign in counts under the name that it was asked for under.
ALTER TABLE identity.links ADD COLUMN organization_id text;

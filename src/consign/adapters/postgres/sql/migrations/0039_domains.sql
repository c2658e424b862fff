-- Whose each domain is, over the whole installation: known before anybody knows whose request it is. One that was
-- given up stays without an owner, so that every process hears of it.
CREATE TABLE identity.domains (
  domain text PRIMARY KEY CHECK (length(domain) <= 253),
  organization_id text CHECK (organization_id ~ '^[a-z0-9-]{2,40}$'),
  changed_at timestamptz NOT NULL
);
CREATE INDEX domains_by_change ON identity.domains (changed_at);

ALTER TABLE identity.domains OWNER TO consign_owner;
GRANT SELECT, INSERT, UPDATE ON identity.domains TO consign_identity;

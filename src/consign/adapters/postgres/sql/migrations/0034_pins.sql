-- What tells a PIN that is shown, sealed under a key that is not in the database: a PIN has few enough digits to try them
-- all. `version` counts whatever became of the member's PIN; without a verifier it was taken away.
CREATE TABLE identity.pins (
  organization_id text NOT NULL,
  account_id text NOT NULL,
  version integer NOT NULL CHECK (version >= 1),
  verifier_sealed bytea,
  changed_at timestamptz NOT NULL,
  PRIMARY KEY (organization_id, account_id)
);
CREATE INDEX pins_by_account ON identity.pins (account_id);

-- How often PINs were tried, by all processes together: of an account at a device, at a device, of an account.
CREATE TABLE identity.pin_tries (
  organization_id text NOT NULL,
  subject text NOT NULL,
  times integer NOT NULL DEFAULT 0 CHECK (times >= 0),
  again_at timestamptz NOT NULL,
  PRIMARY KEY (organization_id, subject)
);
CREATE INDEX pin_tries_by_end ON identity.pin_tries (again_at);

ALTER TABLE identity.pins OWNER TO consign_owner;
ALTER TABLE identity.pin_tries OWNER TO consign_owner;
GRANT SELECT, INSERT, UPDATE, DELETE ON identity.pins, identity.pin_tries TO consign_identity;

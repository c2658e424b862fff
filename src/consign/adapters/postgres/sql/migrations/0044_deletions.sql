-- Accounts that are to be deleted, until nothing is left of them anywhere.
CREATE TABLE identity.deletions (
  account_id text PRIMARY KEY,
  deletion_id uuid NOT NULL,
  by_account text NOT NULL,
  forgets boolean NOT NULL,
  asked_at timestamptz NOT NULL
);
CREATE INDEX deletions_by_age ON identity.deletions (asked_at);
ALTER TABLE identity.deletions OWNER TO consign_owner;
GRANT SELECT, INSERT, UPDATE, DELETE ON identity.deletions TO consign_identity;

-- A domain whose holder does not show it any more passes to whoever does. `asked_at`: when its holder was asked last, nobody
-- yet; `doubted_since`: since when they did not show it; `wanted_by`: who else showed it last, `wanted_since` when the first did.
-- `untold`: logs are to be told whose it is now, and that of `former` that it is theirs no more.
ALTER TABLE identity.domains
  ADD COLUMN asked_at timestamptz,
  ADD COLUMN doubted_since timestamptz,
  ADD COLUMN wanted_by text CHECK (wanted_by ~ '^[a-z0-9-]{2,40}$'),
  ADD COLUMN wanted_since timestamptz,
  ADD COLUMN untold boolean NOT NULL DEFAULT false,
  ADD COLUMN former text,
  ADD CHECK (wanted_by IS DISTINCT FROM organization_id OR wanted_by IS NULL),
  ADD CHECK ((wanted_by IS NULL) = (wanted_since IS NULL)),
  ADD CHECK (former IS NULL OR untold);
CREATE INDEX domains_untold ON identity.domains (domain) WHERE untold;

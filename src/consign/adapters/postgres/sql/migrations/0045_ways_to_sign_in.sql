-- What somebody sees of their own ways to sign in: an id to remove one by, whose it is, and the address, sealed.
ALTER TABLE identity.addresses
  ADD COLUMN way_id uuid NOT NULL UNIQUE DEFAULT gen_random_uuid(),
  ADD COLUMN address_sealed bytea;
ALTER TABLE identity.subjects
  ADD COLUMN way_id uuid NOT NULL UNIQUE DEFAULT gen_random_uuid(),
  ADD COLUMN issuer text;

-- Checkpoints of the read models, and how far the relay and the publisher have come. The tables of the read models
-- themselves are made from their definitions in code, since their versions come and go with it.

SET LOCAL search_path = consign, pg_catalog;

-- `build` tells two fillings of one version apart, so that a version can be rebuilt beside itself.
CREATE TABLE projection (
  organization_id text NOT NULL,
  name text NOT NULL,
  version integer NOT NULL,
  build smallint NOT NULL DEFAULT 0 CHECK (build IN (0, 1)),
  serving boolean NOT NULL,
  status text NOT NULL CHECK (status IN ('running', 'building', 'stopped', 'forked')),
  checkpoint bigint NOT NULL CHECK (checkpoint >= 0),
  log_id uuid NOT NULL,
  hash bytea NOT NULL CHECK (length(hash) = 32),
  failed_position bigint,
  failed_event_id uuid,
  error text,
  changed_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (organization_id, name, version, build),
  CHECK ((error IS NULL) = (status IN ('running', 'building')))
) WITH (fillfactor = 50);
CREATE UNIQUE INDEX projection_serving ON projection (organization_id, name) WHERE serving;

CREATE TABLE relay_progress (
  organization_id text PRIMARY KEY,
  log_id uuid NOT NULL,
  position bigint NOT NULL CHECK (position >= 0)
) WITH (fillfactor = 50);

CREATE TABLE publisher_progress (
  organization_id text PRIMARY KEY,
  log_id uuid NOT NULL,
  public_position bigint NOT NULL CHECK (public_position >= 0)
) WITH (fillfactor = 50);

DO $owners$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['projection', 'relay_progress', 'publisher_progress'] LOOP
    EXECUTE format('ALTER TABLE consign.%I OWNER TO consign_owner', name);
    EXECUTE format('ALTER TABLE consign.%I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE consign.%I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY of_the_organization ON consign.%I TO consign_reader
                    USING (organization_id = consign.current_organization())', name);
    EXECUTE format('CREATE POLICY every_organization ON consign.%I TO consign_projector
                    USING (true) WITH CHECK (true)', name);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON consign.%I TO consign_projector', name);
  END LOOP;
END
$owners$;
GRANT SELECT ON projection TO consign_reader;

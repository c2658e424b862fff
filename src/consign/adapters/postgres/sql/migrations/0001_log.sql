-- The log: heads as fence, events, command records, timers, snapshots, personal keys; nodes and slices for ownership;
-- and the four roles everything else builds on.

DO $roles$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['consign_owner', 'consign_writer', 'consign_projector', 'consign_reader'] LOOP
    BEGIN
      EXECUTE format('CREATE ROLE %I NOLOGIN NOINHERIT', name);
    EXCEPTION WHEN duplicate_object OR unique_violation THEN
      NULL; -- roles belong to the cluster: another database made it
    END;
  END LOOP;
  -- COPY FROM does not work under row-level security, and the writer serves every organization.
  -- Reader: queries only, always under row-level security.
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'consign_writer' AND NOT rolbypassrls) THEN
    ALTER ROLE consign_writer BYPASSRLS;
  END IF;
END
$roles$;

CREATE SCHEMA consign AUTHORIZATION consign_owner;
GRANT USAGE ON SCHEMA consign TO consign_writer, consign_projector, consign_reader;
SET LOCAL search_path = consign, pg_catalog;

-- The setting is '' once a transaction that set it locally has ended, hence NULLIF.
CREATE FUNCTION current_organization() RETURNS text
  LANGUAGE sql STABLE PARALLEL SAFE
  RETURN NULLIF(current_setting('consign.organization', true), '');

CREATE TABLE heads (
  organization_id text PRIMARY KEY CHECK (organization_id ~ '^[a-z0-9-]{2,40}$'),
  slice smallint NOT NULL CHECK (slice BETWEEN 0 AND 255),
  log_id uuid NOT NULL,
  epoch bigint NOT NULL CHECK (epoch >= 0),
  position bigint NOT NULL CHECK (position >= 0),
  hash bytea NOT NULL CHECK (length(hash) = 32),
  min_format integer NOT NULL DEFAULT 1,
  recorded_at timestamptz
) WITH (fillfactor = 50);
CREATE INDEX heads_by_slice ON heads (slice);

CREATE TABLE events (
  organization_id text NOT NULL,
  position bigint NOT NULL CHECK (position >= 1),
  stream text NOT NULL,
  version bigint NOT NULL CHECK (version >= 1),
  type text NOT NULL,
  schema integer NOT NULL,
  event_id uuid NOT NULL,
  commit_position bigint NOT NULL CHECK (commit_position >= position),
  command_id uuid NOT NULL,
  correlation_id uuid NOT NULL,
  causation_id uuid NOT NULL,
  account_id text NOT NULL,
  role text NOT NULL,
  on_behalf_of text,
  device_id text,
  occurred_at timestamptz NOT NULL,
  recorded_at timestamptz NOT NULL,
  meta text NOT NULL,
  data bytea NOT NULL,
  hash bytea NOT NULL CHECK (length(hash) = 32),
  PRIMARY KEY (organization_id, position),
  UNIQUE (organization_id, stream, version),
  UNIQUE (organization_id, event_id)
);

CREATE TABLE commands (
  command_id uuid NOT NULL,
  organization_id text NOT NULL,
  account_id text NOT NULL,
  request_hash bytea NOT NULL,
  position bigint NOT NULL,
  answer bytea NOT NULL,
  recorded_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (command_id, organization_id, account_id)
);

CREATE TABLE timers (
  organization_id text NOT NULL,
  timer_id uuid NOT NULL,
  due_at timestamptz NOT NULL,
  command bytea NOT NULL,
  PRIMARY KEY (organization_id, timer_id)
);
CREATE INDEX timers_by_due_at ON timers (due_at);

CREATE TABLE snapshots (
  organization_id text NOT NULL,
  stream text NOT NULL,
  fold_version integer NOT NULL,
  log_id uuid NOT NULL,
  position bigint NOT NULL,
  version bigint NOT NULL,
  hash bytea NOT NULL,
  state bytea NOT NULL,
  PRIMARY KEY (organization_id, stream, fold_version)
);

-- One key a person: destroying it forgets the person everywhere, the chain of hashes stays whole.
CREATE TABLE subject_keys (
  organization_id text NOT NULL,
  subject_id uuid NOT NULL,
  wrapped_key bytea,
  erased_at timestamptz,
  PRIMARY KEY (organization_id, subject_id),
  CHECK ((wrapped_key IS NULL) = (erased_at IS NOT NULL))
);

CREATE TABLE nodes (
  node_id uuid PRIMARY KEY,
  incarnation uuid NOT NULL,
  expires_at timestamptz NOT NULL,
  info text NOT NULL DEFAULT '{}'
);

CREATE TABLE slices (
  slice smallint PRIMARY KEY CHECK (slice BETWEEN 0 AND 255),
  epoch bigint NOT NULL DEFAULT 0,
  owner uuid,
  incarnation uuid
) WITH (fillfactor = 50);
INSERT INTO slices (slice) SELECT generate_series(0, 255);

-- Nothing is updated, deleted or truncated in the log, whoever asks.
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
  RAISE EXCEPTION '% on %.% is refused: the log is append-only', TG_OP, TG_TABLE_SCHEMA, TG_TABLE_NAME
    USING ERRCODE = 'insufficient_privilege';
END
$body$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON events
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON commands
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER never_deleted BEFORE DELETE OR TRUNCATE ON heads
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

DO $owners$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['heads', 'events', 'commands', 'timers', 'snapshots', 'subject_keys', 'nodes', 'slices'] LOOP
    EXECUTE format('ALTER TABLE consign.%I OWNER TO consign_owner', name);
  END LOOP;
  FOREACH name IN ARRAY ARRAY['heads', 'events', 'commands', 'timers', 'snapshots', 'subject_keys'] LOOP
    EXECUTE format('ALTER TABLE consign.%I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE consign.%I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY of_the_organization ON consign.%I TO consign_reader
                    USING (organization_id = consign.current_organization())', name);
  END LOOP;
END
$owners$;
CREATE POLICY every_organization ON events FOR SELECT TO consign_projector USING (true);
CREATE POLICY every_organization ON heads FOR SELECT TO consign_projector USING (true);

GRANT SELECT, INSERT ON events, commands TO consign_writer;
GRANT SELECT, INSERT, UPDATE ON heads TO consign_writer;
GRANT SELECT, INSERT, UPDATE, DELETE ON timers, snapshots, nodes TO consign_writer;
GRANT SELECT, INSERT, UPDATE ON subject_keys, slices TO consign_writer;
GRANT SELECT ON events, heads TO consign_projector;
GRANT SELECT ON events, heads, subject_keys TO consign_reader;

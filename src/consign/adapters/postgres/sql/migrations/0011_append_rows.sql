-- What an append is told row by row, as one array each: twenty-six arrays of columns cost the client and the server
-- half as much again. Types of their own, not the tables' rows: a column added later must not break an older writer.

SET LOCAL search_path = consign, pg_catalog;

CREATE TYPE event_row AS (
  organization_id text,
  position bigint,
  stream text,
  version bigint,
  type text,
  schema integer,
  event_id uuid,
  commit_position bigint,
  command_id uuid,
  correlation_id uuid,
  causation_id uuid,
  account_id text,
  role text,
  on_behalf_of text,
  device_id text,
  occurred_at timestamptz,
  recorded_at timestamptz,
  meta text,
  data bytea,
  hash bytea
);

CREATE TYPE command_row AS (
  command_id uuid,
  organization_id text,
  account_id text,
  request_hash bytea,
  position bigint,
  answer bytea
);

ALTER TYPE event_row OWNER TO consign_owner;
ALTER TYPE command_row OWNER TO consign_owner;

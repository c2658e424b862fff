CREATE TABLE IF NOT EXISTS public.consign_migrations (
  number integer PRIMARY KEY,
  name text NOT NULL,
  sha256 bytea NOT NULL CHECK (length(sha256) = 32),
  applied_at timestamptz NOT NULL DEFAULT now()
);

-- A projection that the database fails for a reason that may pass stands still by itself and is tried again: `failing`.

SET LOCAL search_path = consign, pg_catalog;

ALTER TABLE projection
  DROP CONSTRAINT projection_status_check,
  ADD CONSTRAINT projection_status_check CHECK (status IN ('running', 'building', 'failing', 'stopped', 'forked'));

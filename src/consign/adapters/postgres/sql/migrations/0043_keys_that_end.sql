-- Keys that are destroyed by themselves: of what was kept for a time, and of nobody in particular.
ALTER TABLE consign.subject_keys ADD COLUMN ends_at timestamptz;
CREATE INDEX subject_keys_by_end ON consign.subject_keys (ends_at) WHERE ends_at IS NOT NULL AND erased_at IS NULL;

-- Which key-encryption key wraps, and the installation's root secret, wrapped by it. The keys themselves never come here.

CREATE TABLE consign.key_encryption (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  key_id bytea NOT NULL CHECK (length(key_id) = 8),
  wrapped_root bytea NOT NULL
);
ALTER TABLE consign.key_encryption OWNER TO consign_owner;
GRANT SELECT, INSERT, UPDATE ON consign.key_encryption TO consign_writer;

-- What integrators show themselves by lies where everything of that kind does, and no longer in reach of the writer.
DROP POLICY of_the_organization ON consign.nats_credentials;
ALTER TABLE consign.nats_credentials NO FORCE ROW LEVEL SECURITY;
ALTER TABLE consign.nats_credentials DISABLE ROW LEVEL SECURITY;
REVOKE ALL ON consign.nats_credentials FROM consign_writer;
ALTER TABLE consign.nats_credentials SET SCHEMA identity;
GRANT SELECT, INSERT, UPDATE ON identity.nats_credentials TO consign_identity;

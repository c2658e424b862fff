-- Before it drops the tables of a read model the owner must see whether an organization still uses them; under forced
-- row-level security it would see none, and drop what serves.

CREATE POLICY every_organization_to_the_owner ON consign.projection FOR SELECT TO consign_owner USING (true);

-- All of the account's ways are locked first: of two that are removed at once one is the last, and stays.
WITH by_address AS MATERIALIZED (SELECT way_id FROM addresses WHERE account_id = $1 ORDER BY way_id FOR UPDATE),
by_issuer AS MATERIALIZED (SELECT way_id FROM subjects WHERE account_id = $1 ORDER BY way_id FOR UPDATE),
own AS MATERIALIZED (SELECT way_id FROM by_address UNION ALL SELECT way_id FROM by_issuer),
counted AS MATERIALIZED (SELECT count(*) AS ways FROM own),
gone_address AS (
  DELETE FROM addresses USING counted WHERE way_id = $2 AND account_id = $1 AND counted.ways > 1 RETURNING way_id
),
gone_issuer AS (
  DELETE FROM subjects USING counted WHERE way_id = $2 AND account_id = $1 AND counted.ways > 1 RETURNING way_id
)
SELECT EXISTS (SELECT FROM own WHERE way_id = $2) AS is_own,
  EXISTS (SELECT FROM gone_address UNION ALL SELECT FROM gone_issuer) AS is_removed

WITH before AS (
  SELECT organization_id, log_id FROM consign.heads
  WHERE cardinality($1::text[]) = 0 OR organization_id = ANY($1::text[])
  ORDER BY organization_id FOR UPDATE
)
UPDATE consign.heads AS h SET log_id = gen_random_uuid(), epoch = h.epoch + 1
FROM before WHERE h.organization_id = before.organization_id
RETURNING h.organization_id, before.log_id, h.log_id, h.position

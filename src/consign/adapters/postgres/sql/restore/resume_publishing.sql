UPDATE consign.publisher_progress AS p SET log_id = h.log_id
FROM consign.heads AS h
WHERE h.organization_id = p.organization_id AND h.log_id <> p.log_id
  AND (cardinality($1::text[]) = 0 OR p.organization_id = ANY($1::text[]))
RETURNING p.organization_id

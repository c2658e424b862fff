SELECT h.organization_id, h.log_id, h.position, CASE WHEN p.log_id = h.log_id THEN p.position ELSE 0 END
FROM consign.heads AS h
LEFT JOIN consign.relay_progress AS p USING (organization_id)
WHERE h.slice = ANY($1::smallint[]) AND h.position > 0
  AND (p.log_id IS DISTINCT FROM h.log_id OR p.position < h.position)

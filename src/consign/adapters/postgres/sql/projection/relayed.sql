SELECT p.organization_id, p.log_id, p.position
FROM consign.relay_progress AS p
JOIN consign.heads AS h USING (organization_id, log_id)
WHERE h.slice = ANY($1::smallint[])
ORDER BY p.organization_id

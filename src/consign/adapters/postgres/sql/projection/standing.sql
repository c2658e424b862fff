SELECT p.checkpoint, p.log_id, p.version, p.status, h.position, h.log_id AS head_log_id, p.failed_position, p.error
FROM consign.projection AS p
JOIN consign.heads AS h USING (organization_id)
WHERE p.organization_id = $1 AND p.name = $2 AND p.serving

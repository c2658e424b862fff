INSERT INTO consign.projection (organization_id, name, version, build, serving, status, checkpoint, log_id, hash)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT DO NOTHING

INSERT INTO consign.heads (organization_id, slice, log_id, epoch, position, hash)
VALUES ($1, $2, $3, 0, 0, $4)
ON CONFLICT (organization_id) DO NOTHING

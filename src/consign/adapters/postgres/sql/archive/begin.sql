-- A log of its own identity from here on, at the end of what is brought along.
INSERT INTO consign.heads (organization_id, slice, log_id, epoch, position, hash, min_format, recorded_at)
VALUES ($1, $2, gen_random_uuid(), 0, $3, $4, $5, $6)
ON CONFLICT (organization_id) DO NOTHING
RETURNING log_id

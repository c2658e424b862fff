INSERT INTO consign.publisher_progress AS p (organization_id, log_id, public_position)
VALUES ($1, $2, $3)
ON CONFLICT (organization_id) DO UPDATE SET log_id = EXCLUDED.log_id, public_position = EXCLUDED.public_position
WHERE p.log_id <> EXCLUDED.log_id OR p.public_position < EXCLUDED.public_position

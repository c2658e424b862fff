INSERT INTO consign.relay_progress AS p (organization_id, log_id, position)
SELECT * FROM unnest($1::text[], $2::uuid[], $3::bigint[])
ON CONFLICT (organization_id) DO UPDATE SET log_id = EXCLUDED.log_id, position = EXCLUDED.position
WHERE p.log_id <> EXCLUDED.log_id OR p.position < EXCLUDED.position

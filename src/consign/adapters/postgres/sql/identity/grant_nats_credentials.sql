INSERT INTO nats_credentials AS known (organization_id, integrator, serial) VALUES ($1, $2, $3)
ON CONFLICT (organization_id, integrator) DO UPDATE SET serial = excluded.serial, revoked_at = NULL
WHERE known.serial < excluded.serial

INSERT INTO nats_credentials AS known (organization_id, integrator, serial, revoked_at)
VALUES ($1, $2, $3, clock_timestamp())
ON CONFLICT (organization_id, integrator) DO UPDATE SET serial = excluded.serial, revoked_at = excluded.revoked_at
WHERE known.serial <= excluded.serial AND known.revoked_at IS NULL

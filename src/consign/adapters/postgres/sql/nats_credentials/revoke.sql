UPDATE consign.nats_credentials SET revoked_at = clock_timestamp()
WHERE organization_id = $1 AND integrator = $2 AND revoked_at IS NULL
RETURNING organization_id, integrator, serial

SELECT organization_id, integrator, serial FROM consign.nats_credentials
WHERE revoked_at IS NULL
ORDER BY organization_id, integrator

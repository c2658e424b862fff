SELECT organization_id, integrator, serial, revoked_at IS NULL AS is_valid FROM nats_credentials
ORDER BY organization_id, integrator

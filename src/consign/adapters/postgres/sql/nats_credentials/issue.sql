-- An integrator who had one before gets the next: the one before counts no longer.
INSERT INTO consign.nats_credentials AS known (organization_id, integrator)
SELECT organization_id, $2 FROM consign.heads WHERE organization_id = $1
ON CONFLICT (organization_id, integrator) DO UPDATE SET serial = known.serial + 1, revoked_at = NULL
RETURNING organization_id, integrator, serial

SELECT count(*) FROM devices WHERE organization_id = $1 AND revoked_at IS NULL;

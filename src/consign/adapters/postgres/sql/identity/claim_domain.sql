INSERT INTO domains AS known (domain, organization_id, changed_at) VALUES ($1, $2, clock_timestamp())
ON CONFLICT (domain) DO UPDATE
SET organization_id = coalesce(known.organization_id, excluded.organization_id), changed_at = excluded.changed_at
RETURNING organization_id

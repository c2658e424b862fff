UPDATE consign.projection
SET serving = true, status = 'running', changed_at = now()
WHERE organization_id = $1 AND name = $2 AND version = $3 AND build = $4 AND status = 'building' AND checkpoint = $5
RETURNING name

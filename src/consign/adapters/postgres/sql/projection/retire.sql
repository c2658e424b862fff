DELETE FROM consign.projection WHERE organization_id = $1 AND name = $2 AND version = $3 AND build = $4

SELECT checkpoint
FROM consign.projection
WHERE organization_id = $1 AND name = $2 AND version = $3 AND build = $4 AND serving
FOR UPDATE

SELECT checkpoint, log_id, version, build, status
FROM consign.projection
WHERE organization_id = $1 AND name = $2 AND serving

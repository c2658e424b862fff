UPDATE domains SET organization_id = NULL, changed_at = clock_timestamp() WHERE domain = $1 AND organization_id = $2

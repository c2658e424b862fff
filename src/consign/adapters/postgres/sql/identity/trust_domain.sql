UPDATE domains SET doubted_since = NULL, wanted_by = NULL, wanted_since = NULL WHERE domain = $1 AND organization_id = $2

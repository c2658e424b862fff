UPDATE domains SET wanted_by = NULL, wanted_since = NULL WHERE domain = $1 AND wanted_by = $2

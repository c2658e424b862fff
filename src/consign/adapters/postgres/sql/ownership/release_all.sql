UPDATE consign.slices SET owner = NULL, incarnation = NULL WHERE owner = $1 AND incarnation = $2

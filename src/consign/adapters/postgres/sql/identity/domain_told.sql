UPDATE domains SET untold = false, former = NULL
WHERE domain = $1 AND organization_id IS NOT DISTINCT FROM $2 AND former IS NOT DISTINCT FROM $3

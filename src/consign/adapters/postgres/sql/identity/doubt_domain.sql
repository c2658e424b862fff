UPDATE domains SET doubted_since = coalesce(doubted_since, $3) WHERE domain = $1 AND organization_id = $2
RETURNING domain, organization_id, doubted_since, wanted_by, wanted_since

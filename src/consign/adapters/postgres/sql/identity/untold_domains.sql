SELECT domain, organization_id, former FROM domains WHERE untold ORDER BY domain LIMIT $1

SELECT way_id, since, address_sealed, NULL AS issuer, 'address' AS kind FROM addresses WHERE account_id = $1
UNION ALL
SELECT way_id, since, NULL, issuer, 'issuer' FROM subjects WHERE account_id = $1
ORDER BY since, way_id LIMIT $2

SELECT way_id, since, address_sealed, address_digest, NULL AS issuer, 'address' AS kind FROM addresses WHERE account_id = $1
UNION ALL
SELECT way_id, since, NULL, NULL, issuer, 'issuer' FROM subjects WHERE account_id = $1
ORDER BY since, way_id LIMIT $2

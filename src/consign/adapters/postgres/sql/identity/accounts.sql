SELECT account_id FROM (
  SELECT account_id FROM addresses UNION SELECT account_id FROM subjects UNION SELECT account_id FROM passwords
) AS found WHERE account_id > $1 ORDER BY account_id LIMIT $2

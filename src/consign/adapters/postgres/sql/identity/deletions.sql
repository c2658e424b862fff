SELECT account_id, deletion_id, by_account, forgets FROM deletions WHERE asked_at <= $1 ORDER BY asked_at LIMIT $2

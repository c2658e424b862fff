DELETE FROM deletions WHERE account_id = $1

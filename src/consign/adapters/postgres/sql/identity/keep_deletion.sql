INSERT INTO deletions AS known (account_id, deletion_id, by_account, forgets, asked_at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (account_id) DO UPDATE SET forgets = known.forgets OR excluded.forgets
RETURNING account_id, deletion_id, by_account, forgets

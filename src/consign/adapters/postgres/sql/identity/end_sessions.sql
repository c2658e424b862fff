UPDATE sessions SET ended_at = $2
WHERE account_id = $1 AND ended_at IS NULL
RETURNING session_id;

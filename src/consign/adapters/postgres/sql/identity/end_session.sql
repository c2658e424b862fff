UPDATE sessions SET ended_at = $3
WHERE session_id = $1 AND account_id = $2 AND ended_at IS NULL
RETURNING session_id;

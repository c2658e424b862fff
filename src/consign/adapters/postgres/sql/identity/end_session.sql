UPDATE sessions SET ended_at = $3
WHERE session_id = $1 AND account_id = $2 AND ended_at IS NULL AND ($4::text IS NULL OR organization_id = $4)
RETURNING session_id;

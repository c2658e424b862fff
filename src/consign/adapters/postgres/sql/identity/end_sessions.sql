UPDATE sessions SET ended_at = $2
WHERE account_id = $1 AND ended_at IS NULL AND session_id IS DISTINCT FROM $3
  AND ($4::text IS NULL OR organization_id = $4)
RETURNING session_id;

UPDATE sessions SET ended_at = $2
WHERE ended_at IS NULL
  AND session_id = (SELECT session_id FROM refresh_tokens WHERE token_digest = $1 AND spent_at IS NOT NULL)
RETURNING session_id, account_id, organization_id, device_id, host;

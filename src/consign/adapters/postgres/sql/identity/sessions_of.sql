SELECT session_id, device, began_at, used_at, expires_at, organization_id, device_id, host FROM sessions
WHERE account_id = $1 AND ended_at IS NULL AND expires_at > $2
ORDER BY used_at DESC, session_id DESC LIMIT $3;

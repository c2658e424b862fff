SELECT organization_id, timer_id, due_at, command
FROM consign.timers
WHERE due_at <= clock_timestamp() AND organization_id = ANY ($1::text[])
ORDER BY due_at
LIMIT $2

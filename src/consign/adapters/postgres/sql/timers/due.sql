-- Timers of organizations that sleep are due like any other: the head knows the slice.
SELECT t.organization_id, t.timer_id, t.due_at, t.command
FROM consign.timers t
JOIN consign.heads h ON h.organization_id = t.organization_id
WHERE t.due_at <= clock_timestamp() AND h.slice = ANY ($1::smallint[]) AND t.organization_id <> ALL ($2::text[])
ORDER BY t.due_at
LIMIT $3

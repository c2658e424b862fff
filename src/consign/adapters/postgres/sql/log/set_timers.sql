INSERT INTO consign.timers (organization_id, timer_id, due_at, command)
SELECT t.organization_id, t.timer_id, t.due_at, t.command
FROM unnest($1::text[], $2::uuid[], $3::timestamptz[], $4::bytea[]) AS t (organization_id, timer_id, due_at, command)
WHERE t.organization_id = ANY ($5::text[])
ON CONFLICT (organization_id, timer_id) DO NOTHING

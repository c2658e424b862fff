DELETE FROM consign.timers t
USING unnest($1::text[], $2::uuid[]) AS f (organization_id, timer_id)
WHERE t.organization_id = f.organization_id AND t.timer_id = f.timer_id AND t.organization_id = ANY ($3::text[])

SELECT timer_id, due_at, command FROM consign.timers WHERE organization_id = $1 ORDER BY timer_id

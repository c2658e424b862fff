DELETE FROM consign.timers WHERE organization_id = $1 AND timer_id = $2

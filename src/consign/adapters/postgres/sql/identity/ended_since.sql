SELECT session_id FROM sessions WHERE ended_at >= $1;

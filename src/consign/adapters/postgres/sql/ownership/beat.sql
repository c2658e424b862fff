-- Inserts again what was forgotten while the machine slept; touches nothing when another incarnation took over.
INSERT INTO consign.nodes (node_id, incarnation, expires_at, info)
VALUES ($1, $2, clock_timestamp() + make_interval(secs => $3), $4)
ON CONFLICT (node_id) DO UPDATE SET expires_at = excluded.expires_at
WHERE nodes.incarnation = excluded.incarnation
RETURNING node_id

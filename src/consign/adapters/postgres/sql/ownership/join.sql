-- A new incarnation supersedes the old one at once: what the old one owned is free to claim from this moment.
INSERT INTO consign.nodes (node_id, incarnation, expires_at, info)
VALUES ($1, $2, clock_timestamp() + make_interval(secs => $3), $4)
ON CONFLICT (node_id) DO UPDATE
SET incarnation = excluded.incarnation, expires_at = excluded.expires_at, info = excluded.info

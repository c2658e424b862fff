SELECT s.slice, s.epoch, s.owner, s.incarnation, n.expires_at IS NOT NULL AND n.expires_at > clock_timestamp()
FROM consign.slices s
LEFT JOIN consign.nodes n ON n.node_id = s.owner AND n.incarnation = s.incarnation
ORDER BY s.slice

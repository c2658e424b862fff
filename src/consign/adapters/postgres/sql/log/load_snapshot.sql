-- A snapshot is only as good as the log it was taken from: same log, same hash at its position.
SELECT s.organization_id, s.stream, s.fold_version, s.log_id, s.position, s.version, s.hash, s.state
FROM consign.snapshots s
JOIN consign.heads h ON h.organization_id = s.organization_id AND h.log_id = s.log_id
JOIN consign.events e ON e.organization_id = s.organization_id AND e.position = s.position AND e.hash = s.hash
WHERE s.organization_id = $1 AND s.stream = $2 AND s.fold_version = $3 AND s.log_id = $4

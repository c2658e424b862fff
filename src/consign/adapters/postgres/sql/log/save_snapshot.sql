INSERT INTO consign.snapshots (organization_id, stream, fold_version, log_id, position, version, hash, state)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (organization_id, stream, fold_version) DO UPDATE
SET log_id = excluded.log_id, position = excluded.position, version = excluded.version, hash = excluded.hash,
    state = excluded.state
WHERE snapshots.log_id <> excluded.log_id OR snapshots.position < excluded.position

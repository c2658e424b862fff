DELETE FROM pin_tries WHERE (organization_id, subject) IN (
  SELECT organization_id, subject FROM pin_tries WHERE again_at < $1 ORDER BY again_at LIMIT $2 FOR UPDATE SKIP LOCKED
)
RETURNING 1

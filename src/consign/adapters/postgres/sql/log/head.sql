SELECT organization_id, log_id, epoch, position, hash, recorded_at, min_format
FROM consign.heads
WHERE organization_id = $1

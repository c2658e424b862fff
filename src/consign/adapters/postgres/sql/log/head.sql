SELECT organization_id, log_id, epoch, position, hash, recorded_at FROM consign.heads WHERE organization_id = $1

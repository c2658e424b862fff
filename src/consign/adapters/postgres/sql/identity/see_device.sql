UPDATE devices SET seen_at = $3
WHERE organization_id = $1 AND device_id = $2 AND (seen_at IS NULL OR seen_at <= $3::timestamptz - $4::interval);

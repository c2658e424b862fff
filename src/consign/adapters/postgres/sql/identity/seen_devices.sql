SELECT device_id, seen_at FROM devices
WHERE organization_id = $1 AND device_id = ANY ($2::uuid[]) AND seen_at IS NOT NULL;

SELECT position, type, stream, command_id, correlation_id, account_id, role, on_behalf_of, device_id, occurred_at,
  recorded_at, meta
FROM consign.events
WHERE organization_id = $1 AND position > $2 AND position <= $3
  AND ($5::text IS NULL OR account_id = $5)
  AND ($6::text IS NULL OR on_behalf_of = $6)
  AND ($7::text IS NULL OR role = $7)
  AND ($8::text IS NULL OR device_id = $8)
  AND ($9::text IS NULL OR starts_with(stream, $9 || '-'))
  AND ($10::text IS NULL OR type = $10)
ORDER BY position DESC
LIMIT $4

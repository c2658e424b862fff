-- Waits for an append in flight and fences it; the head is read by a later statement.
UPDATE consign.heads SET epoch = epoch + 1 WHERE organization_id = $1

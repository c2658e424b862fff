-- LIMIT inside LATERAL keeps this one index look-up a key, whatever the statistics say.
SELECT c.command_id, c.organization_id, c.account_id, c.request_hash, c.position, c.answer
FROM unnest($1::uuid[], $2::text[], $3::text[]) AS k (command_id, organization_id, account_id)
CROSS JOIN LATERAL (
  SELECT * FROM consign.commands c
  WHERE c.command_id = k.command_id AND c.organization_id = k.organization_id AND c.account_id = k.account_id
  LIMIT 1
) c

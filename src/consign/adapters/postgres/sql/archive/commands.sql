SELECT command_id, account_id, request_hash, position, answer, recorded_at
FROM consign.commands WHERE organization_id = $1 ORDER BY position, command_id

UPDATE consign.heads SET epoch = epoch + 1 WHERE organization_id = $1 AND epoch = $2 RETURNING epoch

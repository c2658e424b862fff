DELETE FROM links WHERE address_digest IN (SELECT address_digest FROM addresses WHERE account_id = $1)

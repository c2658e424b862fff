SELECT account_id FROM addresses WHERE address_digest = $1;

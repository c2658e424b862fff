UPDATE pin_tries SET times = $3, again_at = $4 WHERE organization_id = $1 AND subject = $2;

SELECT subject, times, again_at FROM pin_tries
WHERE organization_id = $1 AND subject = ANY ($2::text[]) ORDER BY subject FOR UPDATE;

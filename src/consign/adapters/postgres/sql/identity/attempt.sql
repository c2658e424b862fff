SELECT content_sealed FROM attempts WHERE state_digest = $1 AND expires_at > $2;

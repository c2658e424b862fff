INSERT INTO attempts (state_digest, browser_digest, content_sealed, expires_at) VALUES ($1, $2, $3, $4);

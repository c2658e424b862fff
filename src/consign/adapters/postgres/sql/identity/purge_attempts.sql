DELETE FROM attempts WHERE expires_at < $1;

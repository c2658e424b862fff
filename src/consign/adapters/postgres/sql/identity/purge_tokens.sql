DELETE FROM refresh_tokens WHERE spent_at < $1;

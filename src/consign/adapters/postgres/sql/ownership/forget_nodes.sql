DELETE FROM consign.nodes WHERE expires_at < clock_timestamp() - interval '1 day'

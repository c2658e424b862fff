SELECT node_id FROM consign.nodes WHERE expires_at > clock_timestamp()

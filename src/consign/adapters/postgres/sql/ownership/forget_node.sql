DELETE FROM consign.nodes WHERE node_id = $1 AND incarnation = $2

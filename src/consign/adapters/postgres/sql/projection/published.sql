SELECT organization_id, log_id, public_position FROM consign.publisher_progress WHERE organization_id = $1

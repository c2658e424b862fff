SELECT organization_id, log_id, position FROM consign.heads WHERE slice = ANY($1::smallint[])

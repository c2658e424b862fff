SELECT position FROM consign.heads WHERE organization_id = $1

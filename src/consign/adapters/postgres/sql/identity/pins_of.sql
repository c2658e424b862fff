SELECT account_id, version, verifier_sealed FROM pins
WHERE organization_id = $1 AND account_id = ANY ($2::text[]) AND verifier_sealed IS NOT NULL;

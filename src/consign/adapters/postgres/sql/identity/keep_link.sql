INSERT INTO links (link_id, address_digest, address_sealed, token_digest, code_digest, expires_at, tries_left, organization_id)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8);

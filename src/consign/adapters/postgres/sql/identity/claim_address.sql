-- Whoever was first keeps the address.
INSERT INTO addresses (address_digest, account_id, since, address_sealed) VALUES ($1, $2, $3, $4)
ON CONFLICT (address_digest) DO UPDATE SET account_id = addresses.account_id
RETURNING account_id;

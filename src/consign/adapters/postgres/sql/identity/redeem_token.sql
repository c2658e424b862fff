UPDATE links SET redeemed_at = $2
WHERE token_digest = $1 AND redeemed_at IS NULL AND expires_at > $2 AND organization_id IS NOT DISTINCT FROM $3
RETURNING address_digest, address_sealed;

-- Each code that is tried costs a try, the right one too; the row's lock lets them come one after another.
UPDATE links SET tries_left = tries_left - 1, redeemed_at = CASE WHEN code_digest = $2 THEN $3 END
WHERE link_id = $1 AND redeemed_at IS NULL AND expires_at > $3 AND tries_left > 0
  AND organization_id IS NOT DISTINCT FROM $4
RETURNING address_digest, address_sealed, redeemed_at IS NOT NULL AS is_right;

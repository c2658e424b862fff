-- Another browser's attempt is left as it is: nobody ends it for its owner.
DELETE FROM attempts WHERE state_digest = $1 AND browser_digest = $2 AND expires_at > $3
RETURNING content_sealed;

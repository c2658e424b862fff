WITH begun AS (
  INSERT INTO sessions (session_id, account_id, device, began_at, used_at, expires_at, organization_id, device_id, host)
  VALUES ($1, $2, $3, $4, $4, $5, $7, $8, $9)
  RETURNING session_id
)
INSERT INTO refresh_tokens (token_digest, session_id, issued_at) SELECT $6, session_id, $4 FROM begun;

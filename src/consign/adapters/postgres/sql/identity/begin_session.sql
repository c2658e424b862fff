-- Under a domain that names another organization by now nobody is signed in: whoever holds it is shown the cookies.
WITH begun AS (
  INSERT INTO sessions (session_id, account_id, device, began_at, used_at, expires_at, organization_id, device_id, host)
  SELECT $1::uuid, $2::text, $3::text, $4::timestamptz, $4::timestamptz, $5::timestamptz, $7::text, $8::uuid, $9::text
  WHERE NOT EXISTS (SELECT FROM domains WHERE domain = $9::text AND organization_id IS DISTINCT FROM $7::text)
  RETURNING session_id
)
INSERT INTO refresh_tokens (token_digest, session_id, issued_at) SELECT $6, session_id, $4 FROM begun
RETURNING session_id;

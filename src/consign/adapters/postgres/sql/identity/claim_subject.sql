-- Whoever was first keeps the subject.
INSERT INTO subjects (subject_digest, account_id, since, issuer) VALUES ($1, $2, $3, $4)
ON CONFLICT (subject_digest) DO UPDATE SET account_id = subjects.account_id
RETURNING account_id;

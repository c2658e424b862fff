SELECT account_id FROM subjects WHERE subject_digest = $1;

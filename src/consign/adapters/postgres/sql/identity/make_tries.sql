INSERT INTO pin_tries (organization_id, subject, again_at)
SELECT $1, subject, $3 FROM unnest($2::text[]) AS asked (subject) ORDER BY subject
ON CONFLICT DO NOTHING;

-- Ended sessions stay until they are forgotten like everybody's: other processes learn from them that they ended.
SELECT quote_ident(table_name) AS name FROM information_schema.columns
WHERE table_schema = 'identity' AND column_name = 'account_id' AND table_name NOT IN ('sessions', 'deletions')

SELECT c.relname::text
FROM pg_class AS c
JOIN pg_namespace AS n ON n.oid = c.relnamespace AND n.nspname = 'consign'
WHERE c.relkind = 'r' AND c.relname ~ '^rm_'

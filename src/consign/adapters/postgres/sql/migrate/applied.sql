SELECT number, name, sha256 FROM public.consign_migrations ORDER BY number;

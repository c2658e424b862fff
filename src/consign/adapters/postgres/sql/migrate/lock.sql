-- One process migrates a database at a time; the number is arbitrary and means nothing else here.
SELECT pg_advisory_xact_lock(5210419830214477);

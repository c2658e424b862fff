UPDATE consign.projection AS p
SET checkpoint = s.position, hash = s.hash, changed_at = now(),
  status = CASE p.status WHEN 'failing' THEN 'running' ELSE p.status END, error = NULL
FROM unnest($2::text[], $3::integer[], $4::smallint[], $5::uuid[], $6::bigint[], $7::bytea[], $8::bigint[], $9::bytea[])
  AS s (name, version, build, log_id, before, before_hash, position, hash)
WHERE p.organization_id = $1 AND p.name = s.name AND p.version = s.version AND p.build = s.build
  AND p.log_id = s.log_id AND p.checkpoint = s.before AND p.hash = s.before_hash
  AND p.status IN ('running', 'building', 'failing')
RETURNING p.name

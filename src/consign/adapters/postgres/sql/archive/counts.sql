SELECT
  (SELECT count(*) FROM consign.commands WHERE organization_id = $1),
  (SELECT count(*) FROM consign.timers WHERE organization_id = $1),
  (SELECT count(*) FROM consign.subject_keys WHERE organization_id = $1)

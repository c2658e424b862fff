-- Does this writer still own these logs, and do they end where it thinks?
SELECT h.organization_id
FROM unnest($1::text[], $2::bigint[], $3::bigint[]) AS b (organization_id, epoch, expected)
JOIN consign.heads h ON h.organization_id = b.organization_id
WHERE h.epoch = b.epoch AND h.position = b.expected

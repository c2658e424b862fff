SELECT domain, organization_id FROM domains
WHERE $1::interval IS NULL OR changed_at > clock_timestamp() - $1::interval

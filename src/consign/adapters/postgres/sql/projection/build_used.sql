SELECT EXISTS (SELECT FROM consign.projection WHERE name = $1 AND version = $2 AND build = $3)

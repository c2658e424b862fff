-- A role's password cannot be a parameter: the server quotes it, the runner executes the answer.
SELECT format('ALTER ROLE %I LOGIN PASSWORD %L', $1::text, $2::text);

SELECT verifier FROM passwords WHERE account_id = $1;

-- Whoever changes the key in use waits: what is brought in was wrapped by the one of this moment.
SELECT key_id FROM consign.key_encryption FOR SHARE

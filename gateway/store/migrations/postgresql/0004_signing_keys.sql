-- More than one key at a time: the newest signs, those before it stay known until what they signed is over.

CREATE TABLE signing_keys (
  id SERIAL PRIMARY KEY,
  created DOUBLE PRECISION NOT NULL,
  private_key TEXT NOT NULL
);

INSERT INTO signing_keys (created, private_key) SELECT EXTRACT(EPOCH FROM now()), value FROM keys WHERE name = 'signing';
DELETE FROM keys WHERE name = 'signing';

-- More than one key at a time: the newest signs, those before it stay known until what they signed is over.

CREATE TABLE signing_keys (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  created REAL NOT NULL,
  private_key TEXT NOT NULL
);

INSERT INTO signing_keys (created, private_key) SELECT CAST(strftime('%s', 'now') AS REAL), value FROM keys WHERE name = 'signing';
DELETE FROM keys WHERE name = 'signing';

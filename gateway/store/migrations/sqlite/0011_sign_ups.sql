-- Accounts that strangers have asked for, until an administrator decides.

CREATE TABLE sign_ups (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT UNIQUE NOT NULL,
  authenticator TEXT NOT NULL,
  kept_json TEXT NOT NULL,
  address TEXT NOT NULL,
  created REAL NOT NULL
);

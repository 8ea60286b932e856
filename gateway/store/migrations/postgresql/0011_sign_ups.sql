-- Accounts that strangers have asked for, until an administrator decides.

CREATE TABLE sign_ups (
  id SERIAL PRIMARY KEY,
  name TEXT COLLATE "C" UNIQUE NOT NULL,
  authenticator TEXT NOT NULL,
  kept_json TEXT NOT NULL,
  address TEXT NOT NULL,
  created DOUBLE PRECISION NOT NULL
);

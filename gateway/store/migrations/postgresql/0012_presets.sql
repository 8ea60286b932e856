-- Options of a start that somebody keeps under a name.

CREATE TABLE presets (
  id SERIAL PRIMARY KEY,
  user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  name TEXT COLLATE "C" NOT NULL,
  profile TEXT NOT NULL,
  options_json TEXT NOT NULL,
  UNIQUE (user_id, name)
);

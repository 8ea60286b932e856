-- Options of a start that somebody keeps under a name.

CREATE TABLE presets (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  profile TEXT NOT NULL,
  options_json TEXT NOT NULL,
  UNIQUE (user_id, name)
);

-- The first schema. `gateway/store/entities.py` maps it; a test compares the two.

CREATE TABLE revision (
  id INTEGER NOT NULL PRIMARY KEY,
  value BIGINT NOT NULL
);

CREATE TABLE changes (
  revision BIGINT NOT NULL PRIMARY KEY,
  time REAL NOT NULL,
  owner TEXT NOT NULL,
  digest TEXT NOT NULL
);

CREATE TABLE users (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT UNIQUE NOT NULL,
  admin BOOLEAN NOT NULL,
  disabled BOOLEAN NOT NULL,
  removing BOOLEAN NOT NULL,
  created REAL NOT NULL,
  last_activity REAL
);

CREATE TABLE groups (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT UNIQUE NOT NULL
);

CREATE TABLE group_users (
  group_id INTEGER NOT NULL REFERENCES groups (id) ON DELETE CASCADE,
  user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  PRIMARY KEY (group_id, user_id)
);

CREATE INDEX idx_group_users ON group_users (user_id);

CREATE TABLE services (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT UNIQUE NOT NULL,
  url TEXT NOT NULL,
  admin BOOLEAN NOT NULL,
  created REAL NOT NULL
);

CREATE TABLE roles (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT UNIQUE NOT NULL,
  description TEXT NOT NULL,
  scopes_json TEXT NOT NULL
);

CREATE TABLE role_users (
  role_id INTEGER NOT NULL REFERENCES roles (id) ON DELETE CASCADE,
  user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  PRIMARY KEY (role_id, user_id)
);

CREATE INDEX idx_role_users ON role_users (user_id);

CREATE TABLE role_groups (
  group_id INTEGER NOT NULL REFERENCES groups (id) ON DELETE CASCADE,
  role_id INTEGER NOT NULL REFERENCES roles (id) ON DELETE CASCADE,
  PRIMARY KEY (group_id, role_id)
);

CREATE INDEX idx_role_groups ON role_groups (role_id);

CREATE TABLE role_services (
  role_id INTEGER NOT NULL REFERENCES roles (id) ON DELETE CASCADE,
  service_id INTEGER NOT NULL REFERENCES services (id) ON DELETE CASCADE,
  PRIMARY KEY (role_id, service_id)
);

CREATE INDEX idx_role_services ON role_services (service_id);

CREATE TABLE sessions (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  digest TEXT UNIQUE NOT NULL,
  user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  created REAL NOT NULL,
  expires_at REAL NOT NULL,
  last_seen REAL NOT NULL,
  address TEXT NOT NULL,
  device TEXT NOT NULL
);

CREATE INDEX idx_sessions__expires_at ON sessions (expires_at);
CREATE INDEX idx_sessions__user_id ON sessions (user_id);

CREATE TABLE tokens (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  digest TEXT UNIQUE NOT NULL,
  prefix TEXT NOT NULL,
  user_id INTEGER REFERENCES users (id) ON DELETE CASCADE,
  service_id INTEGER REFERENCES services (id) ON DELETE CASCADE,
  scopes_json TEXT NOT NULL,
  note TEXT NOT NULL,
  created REAL NOT NULL,
  expires_at REAL,
  last_used REAL
);

CREATE INDEX idx_tokens__expires_at ON tokens (expires_at);
CREATE INDEX idx_tokens__service_id ON tokens (service_id);
CREATE INDEX idx_tokens__user_id ON tokens (user_id);

CREATE TABLE servers (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  slot TEXT NOT NULL,
  state TEXT NOT NULL,
  generation BIGINT NOT NULL,
  display_name TEXT NOT NULL,
  profile TEXT NOT NULL,
  options_json TEXT NOT NULL,
  start_id TEXT NOT NULL,
  secret TEXT NOT NULL,
  target_json TEXT NOT NULL,
  created REAL NOT NULL,
  started REAL,
  last_activity REAL,
  message TEXT NOT NULL,
  UNIQUE (user_id, slot)
);

CREATE INDEX idx_servers__state ON servers (state);

CREATE TABLE shares (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  owner_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  server_id INTEGER NOT NULL REFERENCES servers (id) ON DELETE CASCADE,
  handler TEXT NOT NULL,
  code_digest TEXT UNIQUE,
  code_prefix TEXT NOT NULL,
  scopes_json TEXT NOT NULL,
  options_json TEXT NOT NULL,
  created REAL NOT NULL,
  expires_at REAL,
  uses INTEGER NOT NULL,
  last_used REAL
);

CREATE INDEX idx_shares__owner_id ON shares (owner_id);
CREATE INDEX idx_shares__server_id ON shares (server_id);

CREATE TABLE grants (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  server_id INTEGER NOT NULL REFERENCES servers (id) ON DELETE CASCADE,
  share_id INTEGER REFERENCES shares (id) ON DELETE CASCADE,
  user_id INTEGER REFERENCES users (id) ON DELETE CASCADE,
  group_id INTEGER REFERENCES groups (id) ON DELETE CASCADE,
  scopes_json TEXT NOT NULL,
  view_only BOOLEAN NOT NULL,
  created REAL NOT NULL,
  expires_at REAL
);

CREATE INDEX idx_grants__group_id ON grants (group_id);
CREATE INDEX idx_grants__server_id ON grants (server_id);
CREATE INDEX idx_grants__share_id ON grants (share_id);
CREATE INDEX idx_grants__user_id ON grants (user_id);

CREATE TABLE custom_routes (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  path TEXT UNIQUE NOT NULL,
  target TEXT NOT NULL,
  created REAL NOT NULL
);

CREATE TABLE audit (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  time REAL NOT NULL,
  actor TEXT NOT NULL,
  action TEXT NOT NULL,
  subject TEXT NOT NULL,
  detail TEXT NOT NULL
);

CREATE TABLE plugin_data (
  plugin TEXT NOT NULL,
  key TEXT NOT NULL,
  value_json TEXT NOT NULL,
  PRIMARY KEY (plugin, key)
);

CREATE TABLE keys (
  name TEXT NOT NULL PRIMARY KEY,
  value TEXT NOT NULL
);

INSERT INTO revision (id, value) VALUES (1, 0);

-- The first schema. `gateway/store/entities.py` maps it; a test compares the two.

-- Collation "C" orders names by code point, as SQLite does, whatever the cluster's locale is.

CREATE TABLE revision (
  id INTEGER NOT NULL PRIMARY KEY,
  value BIGINT NOT NULL
);

CREATE TABLE changes (
  revision BIGINT NOT NULL PRIMARY KEY,
  time DOUBLE PRECISION NOT NULL,
  owner TEXT NOT NULL,
  digest TEXT COLLATE "C" NOT NULL
);

CREATE TABLE users (
  id SERIAL PRIMARY KEY,
  name TEXT COLLATE "C" UNIQUE NOT NULL,
  admin BOOLEAN NOT NULL,
  disabled BOOLEAN NOT NULL,
  removing BOOLEAN NOT NULL,
  created DOUBLE PRECISION NOT NULL,
  last_activity DOUBLE PRECISION
);

CREATE TABLE groups (
  id SERIAL PRIMARY KEY,
  name TEXT COLLATE "C" UNIQUE NOT NULL
);

CREATE TABLE group_users (
  group_id INTEGER NOT NULL REFERENCES groups (id) ON DELETE CASCADE,
  user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  PRIMARY KEY (group_id, user_id)
);

CREATE INDEX idx_group_users ON group_users (user_id);

CREATE TABLE services (
  id SERIAL PRIMARY KEY,
  name TEXT COLLATE "C" UNIQUE NOT NULL,
  url TEXT NOT NULL,
  admin BOOLEAN NOT NULL,
  created DOUBLE PRECISION NOT NULL
);

CREATE TABLE roles (
  id SERIAL PRIMARY KEY,
  name TEXT COLLATE "C" UNIQUE NOT NULL,
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
  id SERIAL PRIMARY KEY,
  digest TEXT COLLATE "C" UNIQUE NOT NULL,
  user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  created DOUBLE PRECISION NOT NULL,
  expires_at DOUBLE PRECISION NOT NULL,
  last_seen DOUBLE PRECISION NOT NULL,
  address TEXT NOT NULL,
  device TEXT NOT NULL
);

CREATE INDEX idx_sessions__expires_at ON sessions (expires_at);
CREATE INDEX idx_sessions__user_id ON sessions (user_id);

CREATE TABLE tokens (
  id SERIAL PRIMARY KEY,
  digest TEXT COLLATE "C" UNIQUE NOT NULL,
  prefix TEXT NOT NULL,
  user_id INTEGER REFERENCES users (id) ON DELETE CASCADE,
  service_id INTEGER REFERENCES services (id) ON DELETE CASCADE,
  scopes_json TEXT NOT NULL,
  note TEXT NOT NULL,
  created DOUBLE PRECISION NOT NULL,
  expires_at DOUBLE PRECISION,
  last_used DOUBLE PRECISION
);

CREATE INDEX idx_tokens__expires_at ON tokens (expires_at);
CREATE INDEX idx_tokens__service_id ON tokens (service_id);
CREATE INDEX idx_tokens__user_id ON tokens (user_id);

CREATE TABLE servers (
  id SERIAL PRIMARY KEY,
  user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  slot TEXT COLLATE "C" NOT NULL,
  state TEXT COLLATE "C" NOT NULL,
  generation BIGINT NOT NULL,
  display_name TEXT NOT NULL,
  profile TEXT NOT NULL,
  options_json TEXT NOT NULL,
  start_id TEXT NOT NULL,
  secret TEXT NOT NULL,
  target_json TEXT NOT NULL,
  created DOUBLE PRECISION NOT NULL,
  started DOUBLE PRECISION,
  last_activity DOUBLE PRECISION,
  message TEXT NOT NULL,
  UNIQUE (user_id, slot)
);

CREATE INDEX idx_servers__state ON servers (state);

CREATE TABLE shares (
  id SERIAL PRIMARY KEY,
  owner_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  server_id INTEGER NOT NULL REFERENCES servers (id) ON DELETE CASCADE,
  handler TEXT NOT NULL,
  code_digest TEXT COLLATE "C" UNIQUE,
  code_prefix TEXT NOT NULL,
  scopes_json TEXT NOT NULL,
  options_json TEXT NOT NULL,
  created DOUBLE PRECISION NOT NULL,
  expires_at DOUBLE PRECISION,
  uses INTEGER NOT NULL,
  last_used DOUBLE PRECISION
);

CREATE INDEX idx_shares__owner_id ON shares (owner_id);
CREATE INDEX idx_shares__server_id ON shares (server_id);

CREATE TABLE grants (
  id SERIAL PRIMARY KEY,
  server_id INTEGER NOT NULL REFERENCES servers (id) ON DELETE CASCADE,
  share_id INTEGER REFERENCES shares (id) ON DELETE CASCADE,
  user_id INTEGER REFERENCES users (id) ON DELETE CASCADE,
  group_id INTEGER REFERENCES groups (id) ON DELETE CASCADE,
  scopes_json TEXT NOT NULL,
  view_only BOOLEAN NOT NULL,
  created DOUBLE PRECISION NOT NULL,
  expires_at DOUBLE PRECISION
);

CREATE INDEX idx_grants__group_id ON grants (group_id);
CREATE INDEX idx_grants__server_id ON grants (server_id);
CREATE INDEX idx_grants__share_id ON grants (share_id);
CREATE INDEX idx_grants__user_id ON grants (user_id);

CREATE TABLE custom_routes (
  id SERIAL PRIMARY KEY,
  path TEXT COLLATE "C" UNIQUE NOT NULL,
  target TEXT NOT NULL,
  created DOUBLE PRECISION NOT NULL
);

CREATE TABLE audit (
  id SERIAL PRIMARY KEY,
  time DOUBLE PRECISION NOT NULL,
  actor TEXT NOT NULL,
  action TEXT NOT NULL,
  subject TEXT NOT NULL,
  detail TEXT NOT NULL
);

CREATE TABLE plugin_data (
  plugin TEXT COLLATE "C" NOT NULL,
  key TEXT COLLATE "C" NOT NULL,
  value_json TEXT NOT NULL,
  PRIMARY KEY (plugin, key)
);

CREATE TABLE keys (
  name TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  value TEXT NOT NULL
);

INSERT INTO revision (id, value) VALUES (1, 0);

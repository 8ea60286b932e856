-- OAuth: who may ask for tokens, what users agreed to, and the tokens that came of it.

CREATE TABLE oauth_clients (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  identifier TEXT UNIQUE NOT NULL,
  server_id INTEGER REFERENCES servers (id) ON DELETE CASCADE,
  service_id INTEGER REFERENCES services (id) ON DELETE CASCADE,
  secret_digest TEXT,
  description TEXT NOT NULL,
  redirect_uri TEXT NOT NULL,
  scopes_json TEXT NOT NULL,
  no_confirm BOOLEAN NOT NULL,
  created REAL NOT NULL
);

CREATE INDEX idx_oauth_clients__server_id ON oauth_clients (server_id);
CREATE INDEX idx_oauth_clients__service_id ON oauth_clients (service_id);

CREATE TABLE oauth_codes (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  digest TEXT UNIQUE NOT NULL,
  client_id INTEGER NOT NULL REFERENCES oauth_clients (id) ON DELETE CASCADE,
  user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  session_id INTEGER NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
  redirect_uri TEXT NOT NULL,
  scopes_json TEXT NOT NULL,
  challenge TEXT NOT NULL,
  challenge_method TEXT NOT NULL,
  expires_at REAL NOT NULL,
  token_digest TEXT
);

CREATE INDEX idx_oauth_codes__client_id ON oauth_codes (client_id);
CREATE INDEX idx_oauth_codes__expires_at ON oauth_codes (expires_at);
CREATE INDEX idx_oauth_codes__session_id ON oauth_codes (session_id);
CREATE INDEX idx_oauth_codes__user_id ON oauth_codes (user_id);

ALTER TABLE tokens ADD COLUMN session_id INTEGER REFERENCES sessions (id) ON DELETE CASCADE;
ALTER TABLE tokens ADD COLUMN client_id INTEGER REFERENCES oauth_clients (id) ON DELETE CASCADE;

CREATE INDEX idx_tokens__client_id ON tokens (client_id);
CREATE INDEX idx_tokens__session_id ON tokens (session_id);

-- By which authenticator a session was made, and what it must be asked again.

ALTER TABLE sessions ADD COLUMN authenticator TEXT;

ALTER TABLE sessions ADD COLUMN bound TEXT;

ALTER TABLE sessions ADD COLUMN memory_json TEXT;

ALTER TABLE sessions ADD COLUMN refresh_at REAL;

CREATE INDEX idx_sessions__refresh_at ON sessions (refresh_at);

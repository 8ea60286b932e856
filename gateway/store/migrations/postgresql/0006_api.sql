-- What the API shows and changes: order by activity, who may use a custom route, notices.

CREATE INDEX idx_users__last_activity ON users (last_activity);

ALTER TABLE custom_routes ADD COLUMN access TEXT;

CREATE TABLE notices (
  name TEXT NOT NULL PRIMARY KEY,
  value_json TEXT NOT NULL
);

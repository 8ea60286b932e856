-- Services: where each comes from, what is told of it, its process, and the token that is its own.

ALTER TABLE services ADD COLUMN from_settings BOOLEAN;
ALTER TABLE services ADD COLUMN details_json TEXT;
ALTER TABLE services ADD COLUMN process_json TEXT;
ALTER TABLE services ADD COLUMN token_digest TEXT;

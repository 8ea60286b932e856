-- What administrators keep with a group.

ALTER TABLE groups ADD COLUMN properties_json TEXT;

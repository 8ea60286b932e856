-- What is shared of a server may be one path below it.

ALTER TABLE grants ADD COLUMN path TEXT;

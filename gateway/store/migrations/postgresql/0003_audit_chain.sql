-- The audit: each row is chained to the one before; what is older than the chain is counted.

ALTER TABLE audit ADD COLUMN chain TEXT;

CREATE TABLE audit_head (
  id INTEGER NOT NULL PRIMARY KEY,
  length BIGINT NOT NULL,
  chain TEXT NOT NULL,
  unchained INTEGER NOT NULL
);

INSERT INTO audit_head (id, length, chain, unchained) SELECT 1, 0, '', COALESCE(MAX(id), 0) FROM audit;

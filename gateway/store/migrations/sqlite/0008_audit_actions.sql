-- Pages ask for one kind of entry: who entered, which captures covered somebody.

CREATE INDEX idx_audit__action ON audit (action);

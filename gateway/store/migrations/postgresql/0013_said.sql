-- By which words a server's message is said in other languages.

ALTER TABLE servers ADD COLUMN said_json TEXT;

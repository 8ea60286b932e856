"""What is kept: SQLite by default, PostgreSQL by URL, one transaction a unit of work.

store           `Store`: opens the database, runs units in its threads, closes it
work            what a unit gets: `Snapshot` to read, `Transaction` to write
entities        the tables, as Pony entities
migrate         brings a database to this version, step by step, or says why not
migrations      the numbered steps, for each dialect
sqlite, postgresql   what differs between the two
faults          what a database's error means to the rest of Hubgate
values          rows to frozen values, values to what a column takes

The units, one file a noun, each a plain sync function:
users sessions tokens roles services servers activity changes customroutes
plugindata keys audit

Import rule: nobody else imports Pony or a database driver. Sees `model` and
`errors` of the core; the hub calls it, nobody else.
"""

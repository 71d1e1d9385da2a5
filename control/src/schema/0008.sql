-- Keys that sign what is given out, by what they are for. Made when they are first needed, the same for all nodes.
CREATE TABLE signing_keys (
    name    TEXT PRIMARY KEY,
    key     TEXT NOT NULL,
    made_at INTEGER NOT NULL
) STRICT;

-- When alerts changed last.
CREATE INDEX alerts_changed ON alerts (tenant, updated_at);

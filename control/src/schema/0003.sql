-- What a message is: sent to the byte, or a notification that each receiver's message is made of. What was queued before
-- is a body that was made already.
ALTER TABLE outbox ADD COLUMN form TEXT NOT NULL DEFAULT 'body' CHECK (form IN ('body', 'notification'));

-- What the routing of alerts remembers, as JSON: groups, incidents, acknowledgements, flapping, calm.
CREATE TABLE routing (
    tenant     TEXT PRIMARY KEY,
    state      TEXT NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;

-- Silences that people made, each as JSON; `until` is when one that does not recur is over.
CREATE TABLE silences (
    id         TEXT PRIMARY KEY,
    tenant     TEXT NOT NULL,
    silence    TEXT NOT NULL,
    comment    TEXT NOT NULL,
    until      INTEGER,
    created_by TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    ended_by   TEXT,
    ended_at   INTEGER
) STRICT;
CREATE INDEX silences_standing ON silences (tenant, ended_at, until);

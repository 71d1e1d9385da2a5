-- Entries of the calendar that people posted, each as JSON.
CREATE TABLE calendar_entries (
    id         TEXT PRIMARY KEY,
    tenant     TEXT NOT NULL,
    kind       TEXT NOT NULL CHECK (kind IN ('event', 'override')),
    entry      TEXT NOT NULL,
    created_by TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    UNIQUE (tenant, kind, entry)
) STRICT;

-- The last good text of each calendar feed: it stands while the feed does not answer, over restarts too.
CREATE TABLE calendar_feeds (
    tenant        TEXT NOT NULL,
    name          TEXT NOT NULL,
    address       TEXT NOT NULL,
    media_type    TEXT,
    etag          TEXT,
    last_modified TEXT,
    text          TEXT NOT NULL,
    confirmed_at  INTEGER NOT NULL,
    PRIMARY KEY (tenant, name)
) STRICT;

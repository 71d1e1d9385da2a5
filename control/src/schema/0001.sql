-- Times are microseconds since the epoch, UTC. Secrets are stored only as hashes.
CREATE TABLE users (
    name            TEXT PRIMARY KEY,
    role            TEXT NOT NULL,
    tenant          TEXT NOT NULL,
    password_hash   TEXT NOT NULL,
    scram_salt      BLOB NOT NULL,
    scram_iterations INTEGER NOT NULL,
    scram_salted    BLOB NOT NULL,
    created_at      INTEGER NOT NULL,
    disabled_at     INTEGER
) STRICT;

-- One row per name that somebody tried, whether or not such a user exists.
CREATE TABLE login_failures (
    name         TEXT PRIMARY KEY,
    failures     INTEGER NOT NULL,
    last_at      INTEGER NOT NULL,
    locked_until INTEGER
) STRICT;

CREATE TABLE tokens (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    name       TEXT NOT NULL UNIQUE,
    role       TEXT NOT NULL,
    tenant     TEXT NOT NULL,
    hash       BLOB NOT NULL UNIQUE,
    created_at INTEGER NOT NULL,
    used_at    INTEGER,
    revoked_at INTEGER
) STRICT;

CREATE TABLE sessions (
    hash       BLOB PRIMARY KEY,
    "user"     TEXT NOT NULL REFERENCES users (name) ON DELETE CASCADE,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX sessions_expiry ON sessions (expires_at);

CREATE TABLE audit (
    seq     INTEGER PRIMARY KEY,
    at      INTEGER NOT NULL,
    actor   TEXT NOT NULL,
    action  TEXT NOT NULL,
    subject TEXT NOT NULL,
    reason  TEXT NOT NULL,
    detail  TEXT NOT NULL,
    prev    BLOB NOT NULL,
    hash    BLOB NOT NULL
) STRICT;
--:sqlite
CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'audit rows are append-only'); END;
CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'audit rows are append-only'); END;
--:postgres
CREATE FUNCTION audit_append_only() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'audit rows are append-only'; END $$;
CREATE TRIGGER audit_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION audit_append_only();
--:all

CREATE TABLE alerts (
    id              TEXT PRIMARY KEY,
    tenant          TEXT NOT NULL,
    slo             TEXT NOT NULL,
    service         TEXT NOT NULL,
    severity        TEXT NOT NULL,
    state           TEXT NOT NULL CHECK (state IN ('firing', 'resolved')),
    started_at      INTEGER NOT NULL,
    resolved_at     INTEGER,
    summary         TEXT NOT NULL,
    detail          TEXT NOT NULL,
    acknowledged_by TEXT,
    acknowledged_at INTEGER,
    updated_at      INTEGER NOT NULL
) STRICT;
CREATE INDEX alerts_open ON alerts (tenant, state, started_at);

CREATE TABLE outbox (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    alert_id    TEXT NOT NULL,
    channel     TEXT NOT NULL,
    dedup_key   TEXT NOT NULL UNIQUE,
    payload     TEXT NOT NULL,
    state       TEXT NOT NULL CHECK (state IN ('pending', 'leased', 'delivered', 'dead')),
    attempts    INTEGER NOT NULL DEFAULT 0,
    due_at      INTEGER NOT NULL,
    created_at  INTEGER NOT NULL,
    finished_at INTEGER,
    last_error  TEXT
) STRICT;
CREATE INDEX outbox_due ON outbox (state, due_at);
--:sqlite
CREATE INDEX outbox_order ON outbox (alert_id, channel, id);
--:postgres
-- A group's name may be longer than an ordered index takes.
CREATE INDEX outbox_order ON outbox USING hash (alert_id);
CREATE INDEX outbox_created ON outbox (created_at);
--:all

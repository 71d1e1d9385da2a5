-- Pages of the audit trail, filtered.
CREATE INDEX audit_actor ON audit (actor, seq);
CREATE INDEX audit_action ON audit (action, seq);
CREATE INDEX audit_at ON audit (at);

-- Hashes of complete subtrees of the Merkle tree over the audit rows, those of a height that is a multiple of 8: one for
-- each 256 rows. What is below them is computed from the rows.
CREATE TABLE audit_tree (
    height INTEGER NOT NULL,
    number INTEGER NOT NULL,
    hash   BLOB NOT NULL,
    PRIMARY KEY (height, number)
) STRICT;

-- Signed heads of the audit trail. `size` is how many rows one covers.
CREATE TABLE audit_checkpoints (
    size INTEGER PRIMARY KEY,
    at   INTEGER NOT NULL,
    note TEXT NOT NULL
) STRICT;
--:sqlite
CREATE TRIGGER audit_checkpoints_no_update BEFORE UPDATE ON audit_checkpoints
BEGIN SELECT RAISE(ABORT, 'audit checkpoints are append-only'); END;
CREATE TRIGGER audit_checkpoints_no_delete BEFORE DELETE ON audit_checkpoints
BEGIN SELECT RAISE(ABORT, 'audit checkpoints are append-only'); END;
--:postgres
CREATE TRIGGER audit_checkpoints_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_checkpoints
    FOR EACH STATEMENT EXECUTE FUNCTION audit_append_only();
--:all

-- How the last round that recomputed the whole trail went; `broken` is empty when it held.
CREATE TABLE audit_rounds (
    id     INTEGER PRIMARY KEY CHECK (id = 1),
    at     INTEGER NOT NULL,
    rows   INTEGER NOT NULL,
    broken TEXT
) STRICT;

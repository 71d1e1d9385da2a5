use headroom_control::{Control, ControlError};
use rusqlite::Connection;
use serde_json::json;

use crate::at;

/// Writes five rows, lets `tamper` at the file behind the program's back, and
/// verifies.
fn verify_after(tamper: &str) -> Result<i64, String> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("control.db");
    let control = Control::open(&path).unwrap();
    for n in 0..5 {
        let detail = json!({"n": n, "email": "é@example.com"});
        control.audit("ada", "lookup.reveal", "c-1", "ticket 77", &detail, at(n)).unwrap();
    }
    let file = Connection::open(&path).unwrap();
    file.execute_batch("DROP TRIGGER audit_no_update; DROP TRIGGER audit_no_delete;").unwrap();
    file.execute_batch(tamper).unwrap();
    match control.audit_verify() {
        Ok(head) => Ok(head.rows),
        Err(ControlError::AuditBroken { seq, what }) => Err(format!("{seq}: {what}")),
        Err(other) => panic!("{other}"),
    }
}

#[test]
fn an_untouched_chain_holds() {
    assert_eq!(verify_after(""), Ok(5));
}

#[test]
fn tampering_is_located() {
    let cases = [
        ("UPDATE audit SET reason = 'no reason' WHERE seq = 3", "3: its content was changed"),
        ("UPDATE audit SET at = at + 1 WHERE seq = 1", "1: its content was changed"),
        ("UPDATE audit SET actor = 'ad', action = 'alookup.reveal' WHERE seq = 2", "2: its content was changed"),
        ("UPDATE audit SET hash = zeroblob(32) WHERE seq = 4", "4: its content was changed"),
        ("DELETE FROM audit WHERE seq = 2", "3: rows before it are missing"),
        ("UPDATE audit SET seq = seq - 10 WHERE seq = 1", "-9: rows before it are missing"),
        (
            "CREATE TEMP TABLE t AS SELECT * FROM audit WHERE seq = 3;
             UPDATE audit SET (at, detail, prev, hash) = (SELECT at, detail, prev, hash FROM audit a WHERE a.seq = 4) WHERE seq = 3",
            "3: it does not follow the row before it",
        ),
    ];
    for (tamper, expected) in cases {
        assert_eq!(verify_after(tamper), Err(expected.to_owned()), "{tamper}");
    }
}

#[test]
fn a_cut_end_shows_against_a_noted_head() {
    let control = Control::in_memory().unwrap();
    let empty = control.audit_verify().unwrap();
    assert_eq!((empty.rows, empty.hash.as_str()), (0, "0".repeat(64).as_str()));
    control.audit("ada", "user.create", "bob", "new colleague", &json!({}), at(0)).unwrap();
    let last = control.audit("ada", "user.disable", "bob", "left", &json!({}), at(1)).unwrap();
    let head = control.audit_verify().unwrap();
    assert_eq!((head.rows, head.hash), (2, last.hash.clone()));
    let rows = control.audit_rows(1).unwrap();
    assert_eq!(rows, vec![last]);
}

#[test]
fn rows_cannot_be_changed_by_ordinary_means() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("control.db");
    let control = Control::open(&path).unwrap();
    control.audit("ada", "a", "b", "c", &json!({}), at(0)).unwrap();
    let file = Connection::open(&path).unwrap();
    for sql in ["UPDATE audit SET actor = 'eve'", "DELETE FROM audit"] {
        let refused = file.execute(sql, []).unwrap_err().to_string();
        assert_eq!(refused, "audit rows are append-only");
    }
}

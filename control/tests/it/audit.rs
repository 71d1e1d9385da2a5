use headroom_control::ControlError;
use serde_json::json;

use crate::at;
use crate::world::{World, on_both};

on_both!(
    an_untouched_chain_holds,
    tampering_is_located,
    a_cut_end_shows_against_a_noted_head,
    rows_cannot_be_changed_by_ordinary_means,
);

/// Writes five rows, lets `tamper` at them behind the program's back, and
/// verifies.
fn verify_after(world: &World, tamper: &str) -> Result<i64, String> {
    let control = world.open();
    for n in 0..5 {
        let detail = json!({"n": n, "email": "é@example.com"});
        control.audit("ada", "lookup.reveal", "c-1", "ticket 77", &detail, at(n)).unwrap();
    }
    let unlock = match world {
        World::File(_) => "DROP TRIGGER audit_no_update; DROP TRIGGER audit_no_delete;",
        World::Server { .. } => "DROP TRIGGER audit_no_change ON audit;",
    };
    world.behind_the_back(&format!("{unlock} {tamper}")).unwrap();
    match control.audit_verify() {
        Ok(head) => Ok(head.rows),
        Err(ControlError::AuditBroken { seq, what }) => Err(format!("{seq}: {what}")),
        Err(other) => panic!("{other}"),
    }
}

fn an_untouched_chain_holds(world: &World) {
    assert_eq!(verify_after(world, ""), Ok(5));
}

fn tampering_is_located(world: &World) {
    let cases = [
        ("UPDATE audit SET reason = 'no reason' WHERE seq = 3", "3: its content was changed"),
        ("UPDATE audit SET at = at + 1 WHERE seq = 1", "1: its content was changed"),
        (
            "UPDATE audit SET actor = 'ad', action = 'alookup.reveal' WHERE seq = 2",
            "2: its content was changed",
        ),
        ("UPDATE audit SET hash = prev WHERE seq = 4", "4: its content was changed"),
        ("DELETE FROM audit WHERE seq = 2", "3: rows before it are missing"),
        ("UPDATE audit SET seq = seq - 10 WHERE seq = 1", "-9: rows before it are missing"),
        (
            "UPDATE audit SET (at, detail, prev, hash) = (SELECT at, detail, prev, hash FROM audit a WHERE a.seq = 4) WHERE seq = 3",
            "3: it does not follow the row before it",
        ),
    ];
    for (tamper, expected) in cases {
        let another = match world {
            World::File(_) => World::sqlite(),
            World::Server { cluster, .. } => cluster.world(),
        };
        assert_eq!(verify_after(&another, tamper), Err(expected.to_owned()), "{tamper}");
    }
}

fn a_cut_end_shows_against_a_noted_head(world: &World) {
    let control = world.open();
    let empty = control.audit_verify().unwrap();
    assert_eq!((empty.rows, empty.hash.as_str()), (0, "0".repeat(64).as_str()));
    control.audit("ada", "user.create", "bob", "new colleague", &json!({}), at(0)).unwrap();
    let last = control.audit("ada", "user.disable", "bob", "left", &json!({}), at(1)).unwrap();
    let head = control.audit_verify().unwrap();
    assert_eq!((head.rows, head.hash), (2, last.hash.clone()));
    let rows = control.audit_rows(1).unwrap();
    assert_eq!(rows, vec![last]);
}

fn rows_cannot_be_changed_by_ordinary_means(world: &World) {
    let control = world.open();
    control.audit("ada", "a", "b", "c", &json!({}), at(0)).unwrap();
    for sql in ["UPDATE audit SET actor = 'eve'", "DELETE FROM audit"] {
        assert_eq!(world.behind_the_back(sql).unwrap_err(), "audit rows are append-only");
    }
}

use chrono::TimeDelta;
use headroom_control::{
    AuditEntry, AuditFilter, AuditProof, Checkpoint, Control, ControlError, NoteKey, Verifier,
};
use serde_json::json;

use crate::at;
use crate::world::{World, on_both};

on_both!(
    an_untouched_chain_holds,
    tampering_is_located,
    a_trail_made_anew_shows_against_checkpoints,
    a_cut_end_shows_against_a_checkpoint_kept_elsewhere,
    a_checkpoint_reads_what_is_new_and_signs_nothing_else,
    a_head_that_does_not_follow_is_never_signed,
    rows_and_trees_are_proved,
    rows_cannot_be_changed_by_ordinary_means,
    pages_are_filtered_and_follow_each_other,
);

fn key() -> NoteKey {
    NoteKey::generate("headroom/test").unwrap()
}

fn write(control: &Control, rows: std::ops::Range<i64>) {
    for n in rows {
        let detail = json!({"n": n, "email": "é@example.com"});
        control.audit("ada", "lookup.reveal", "c-1", "ticket 77", &detail, at(n)).unwrap();
    }
}

fn unlock(world: &World) -> &'static str {
    match world {
        World::File(_) => {
            "DROP TRIGGER audit_no_update; DROP TRIGGER audit_no_delete;
             DROP TRIGGER audit_checkpoints_no_update; DROP TRIGGER audit_checkpoints_no_delete;"
        }
        World::Server { .. } => {
            "DROP TRIGGER audit_no_change ON audit; DROP TRIGGER audit_checkpoints_no_change ON audit_checkpoints;"
        }
    }
}

fn another(world: &World) -> World {
    match world {
        World::File(_) => World::sqlite(),
        World::Server { cluster, .. } => cluster.world(),
    }
}

/// Every row, as an auditor gets them.
fn exported(control: &Control) -> Vec<AuditEntry> {
    let mut rows = Vec::new();
    loop {
        let page = control.audit_entries(rows.last().map_or(0, |row: &AuditEntry| row.seq)).unwrap();
        if page.is_empty() {
            return rows;
        }
        rows.extend(page);
    }
}

/// Makes the chain anew from a row on, as who may write into the database could.
fn rewrite(world: &World, from: usize, change: impl FnOnce(&mut AuditEntry)) {
    let mut rows = exported(&world.open());
    change(&mut rows[from - 1]);
    let mut sql = unlock(world).to_owned();
    for n in from - 1..rows.len() {
        rows[n].prev = if n == 0 { [0; 32] } else { rows[n - 1].hash };
        rows[n].hash = rows[n].expected_hash();
        let blob = |hash: [u8; 32]| match world {
            World::File(_) => format!("x'{}'", hex::encode(hash)),
            World::Server { .. } => format!("'\\x{}'", hex::encode(hash)),
        };
        let AuditEntry { seq, reason, prev, hash, .. } = &rows[n];
        sql += &format!(
            "UPDATE audit SET reason = '{reason}', prev = {}, hash = {} WHERE seq = {seq};",
            blob(*prev),
            blob(*hash)
        );
    }
    world.behind_the_back(&sql).unwrap();
}

fn told<T: std::fmt::Debug>(result: Result<T, ControlError>) -> Result<T, String> {
    result.map_err(|error| match error {
        ControlError::AuditBroken { seq, what } => format!("{seq}: {what}"),
        other => panic!("{other}"),
    })
}

/// Writes five rows, lets `tamper` at them behind the program's back, and verifies.
fn verify_after(world: &World, tamper: &str) -> Result<i64, String> {
    let control = world.open();
    write(&control, 0..5);
    world.behind_the_back(&format!("{} {tamper}", unlock(world))).unwrap();
    told(control.audit_verify()).map(|head| head.rows)
}

fn an_untouched_chain_holds(world: &World) {
    assert_eq!(verify_after(world, ""), Ok(5));
    let empty = another(world).open().audit_verify().unwrap();
    assert_eq!((empty.rows, empty.hash.as_str()), (0, "0".repeat(64).as_str()));
    assert!(empty.root.starts_with("e3b0c442"), "the empty tree's root is the hash of nothing");
}

fn tampering_is_located(world: &World) {
    let changed = "it was changed: its content does not give its hash";
    let cases = [
        ("UPDATE audit SET reason = 'no reason' WHERE seq = 3", format!("3: {changed}")),
        ("UPDATE audit SET at = at + 1 WHERE seq = 1", format!("1: {changed}")),
        ("UPDATE audit SET actor = 'ad', action = 'alookup.reveal' WHERE seq = 2", format!("2: {changed}")),
        ("UPDATE audit SET hash = prev WHERE seq = 4", format!("4: {changed}")),
        ("DELETE FROM audit WHERE seq = 2", "2: it was removed".to_owned()),
        ("DELETE FROM audit WHERE seq IN (1, 2, 3)", "1: the rows 1 to 3 were removed".to_owned()),
        (
            "UPDATE audit SET seq = seq - 10 WHERE seq = 1",
            "-9: it was inserted: there is a row of this number, or none before it".to_owned(),
        ),
        (
            "UPDATE audit SET (at, detail, prev, hash) = (SELECT at, detail, prev, hash FROM audit a WHERE a.seq = 4) WHERE seq = 3",
            "3: it does not follow the row before it".to_owned(),
        ),
    ];
    for (tamper, expected) in cases {
        assert_eq!(verify_after(&another(world), tamper), Err(expected), "{tamper}");
    }
    // A checkpoint says when the row was still right.
    let (control, key) = (world.open(), key());
    write(&control, 0..5);
    control.audit_checkpoint(&key, at(5)).unwrap().unwrap();
    write(&control, 5..9);
    control.audit_checkpoint(&key, at(9)).unwrap().unwrap();
    let tamper = format!("{} UPDATE audit SET reason = '' WHERE seq = 7", unlock(world));
    world.behind_the_back(&tamper).unwrap();
    let signed = at(9).format("%F %T UTC");
    let expected = format!("7: {changed}; it still held at the checkpoint of {signed} over 9 rows");
    assert_eq!(told(control.audit_verify()), Err(expected));
}

fn a_trail_made_anew_shows_against_checkpoints(world: &World) {
    let (control, key) = (world.open(), key());
    for n in 0..4 {
        write(&control, n * 5..n * 5 + 5);
        control.audit_checkpoint(&key, at(n)).unwrap().unwrap();
    }
    rewrite(world, 7, |row| row.reason = "nothing".to_owned());
    let expected = format!(
        "6: one of the rows 6 to 10 was replaced, and the chain made anew behind: the checkpoint of {} over 10 rows has another root",
        at(1).format("%F %T UTC")
    );
    assert_eq!(told(control.audit_verify()), Err(expected.clone()));
    let round = control.audit_round(&[], || {}, at(9)).unwrap();
    assert_eq!(round.broken, Some(format!("the audit trail is broken at row {expected}")));
    assert_eq!(round.recomputed_at, Some(at(9)));
}

fn a_cut_end_shows_against_a_checkpoint_kept_elsewhere(world: &World) {
    let (control, key) = (world.open(), key());
    write(&control, 0..3);
    let signed = control.audit_checkpoint(&key, at(3)).unwrap().unwrap();
    let kept: Checkpoint = signed.head().unwrap();
    let head = control.audit_verify_against(std::slice::from_ref(&kept), || {}).unwrap();
    assert_eq!((head.rows, head.checkpoints, head.signed), (3, 1, 3), "the same checkpoint counts once");
    let cut = format!("{} DELETE FROM audit WHERE seq = 3; DELETE FROM audit_checkpoints", unlock(world));
    world.behind_the_back(&cut).unwrap();
    assert_eq!(control.audit_verify().unwrap().rows, 2, "from inside it does not show");
    let found = told(control.audit_verify_against(&[kept], || {})).unwrap_err();
    assert!(found.starts_with("3: it was cut off: the checkpoint of"), "{found}");
}

fn a_checkpoint_reads_what_is_new_and_signs_nothing_else(world: &World) {
    let (control, key) = (world.open(), key());
    assert_eq!(control.audit_checkpoint(&key, at(0)).unwrap(), None, "there is nothing to sign");
    // Over a stored subtree's end and past it.
    for (n, rows) in [0..255, 255..256, 256..257, 257..700].into_iter().enumerate() {
        write(&control, rows.clone());
        let signed = control.audit_checkpoint(&key, at(n as i64)).unwrap().unwrap();
        assert_eq!(signed.size, rows.end);
        let head = Checkpoint::read(key.public().open(&signed.note).unwrap()).unwrap();
        let mut verifier = Verifier::new(vec![head]);
        exported(&control).iter().for_each(|row| verifier.take(row).unwrap());
        assert_eq!(verifier.finish().unwrap().checkpoints, 1, "its root is that of the rows");
    }
    assert_eq!(control.audit_checkpoint(&key, at(9)).unwrap(), None, "there is no new row");
    assert_eq!(control.audit_checkpoints(256).unwrap().len(), 2);
    let status = control.audit_status().unwrap();
    assert_eq!((status.seen, status.broken, status.recomputed_at), (700, None, None));
    assert_eq!(control.audit_verify().unwrap().checkpoints, 4);
    write(&control, 700..702);
    assert_eq!(control.audit_status().unwrap().seen, 702, "rows after the checkpoint are looked at");
}

fn a_head_that_does_not_follow_is_never_signed(world: &World) {
    let key = key();
    let signed = |world: &World| {
        let control = world.open();
        write(&control, 0..300);
        control.audit_checkpoint(&key, at(0)).unwrap().unwrap();
        write(&control, 300..310);
        control
    };
    let tampered = [
        (
            "UPDATE audit SET reason = '' WHERE seq = 290",
            "300: the tree up to it is not the one that was signed",
        ),
        ("UPDATE audit SET reason = '' WHERE seq = 305", "305: it was changed"),
        ("DELETE FROM audit WHERE seq > 299", "300: rows that were signed are missing"),
        (
            "UPDATE audit_tree SET hash = (SELECT hash FROM audit WHERE seq = 1)",
            "300: the tree up to it is not",
        ),
    ];
    for (tamper, expected) in tampered {
        let world = another(world);
        let control = signed(&world);
        world.behind_the_back(&format!("{} {tamper}", unlock(&world))).unwrap();
        let refused = told(control.audit_checkpoint(&key, at(1))).unwrap_err();
        assert!(refused.starts_with(expected), "{tamper}: {refused}");
        assert_eq!(control.audit_checkpoints(0).unwrap().len(), 1);
        let status = control.audit_status().unwrap();
        assert!(status.broken.unwrap().contains(&expected[5..]), "{tamper}");
        assert!(control.audit_verify().is_err(), "{tamper}");
    }
    let control = signed(world);
    let refused = control.audit_checkpoint(&self::key(), at(1)).unwrap_err().to_string();
    assert!(refused.contains("not signed by the key") && refused.contains("audit.key"), "{refused}");
    assert!(control.audit_checkpoint(&key, at(1)).unwrap().is_some());
}

fn rows_and_trees_are_proved(world: &World) {
    let (control, key) = (world.open(), key());
    write(&control, 0..5);
    assert!(control.audit_inclusion(2).unwrap_err().to_string().contains("no checkpoint covers row 2 yet"));
    control.audit_checkpoint(&key, at(0)).unwrap();
    write(&control, 5..600);
    control.audit_checkpoint(&key, at(1)).unwrap();
    for seq in [1, 5, 256, 257, 511, 600] {
        let proof = control.audit_inclusion(seq).unwrap();
        let text = serde_json::to_string(&proof).unwrap();
        let read: AuditProof = serde_json::from_str(&text).unwrap();
        assert_eq!(read, proof);
        let said = read.verify(key.public()).unwrap();
        assert!(said.starts_with(&format!("row {seq} is in the checkpoint of")), "{said}");
        let forged = text.replace("ticket 77", "ticket 78");
        let forged: AuditProof = serde_json::from_str(&forged).unwrap();
        assert!(forged.verify(key.public()).unwrap_err().to_string().contains("does not give its hash"));
        assert!(read.verify(self::key().public()).is_err(), "of another key");
        let AuditProof::Inclusion { mut row, checkpoint, proof } = read else { panic!("{text}") };
        row.reason = "another".to_owned();
        row.hash = row.expected_hash();
        let forged = AuditProof::Inclusion { row, checkpoint, proof };
        assert!(forged.verify(key.public()).unwrap_err().to_string().contains("does not lead"));
    }
    let proof = control.audit_consistency(5).unwrap();
    assert!(proof.verify(key.public()).unwrap().contains("begins with the checkpoint of"));
    let AuditProof::Consistency { old, checkpoint, .. } = proof else { panic!() };
    let forged = AuditProof::Consistency { old, checkpoint, proof: Vec::new() };
    assert!(forged.verify(key.public()).is_err());
    assert!(matches!(control.audit_inclusion(601), Err(ControlError::Unknown { .. })));
    assert!(matches!(control.audit_consistency(6), Err(ControlError::Unknown { .. })));
}

fn rows_cannot_be_changed_by_ordinary_means(world: &World) {
    let control = world.open();
    write(&control, 0..1);
    control.audit_checkpoint(&key(), at(0)).unwrap();
    for sql in ["UPDATE audit SET actor = 'eve'", "DELETE FROM audit"] {
        assert_eq!(world.behind_the_back(sql).unwrap_err(), "audit rows are append-only");
    }
    for sql in ["UPDATE audit_checkpoints SET at = 0", "DELETE FROM audit_checkpoints"] {
        assert!(world.behind_the_back(sql).unwrap_err().ends_with("are append-only"));
    }
}

fn pages_are_filtered_and_follow_each_other(world: &World) {
    let control = world.open();
    for n in 0..10 {
        let (actor, action) = if n % 2 == 0 { ("ada", "silence.create") } else { ("bob", "silencer") };
        control.audit(actor, action, &format!("s-{}", n % 3), "", &json!({}), at(n)).unwrap();
    }
    let seqs = |filter: AuditFilter, limit| {
        control.audit_rows(&filter, limit).unwrap().into_iter().map(|row| row.seq).collect::<Vec<_>>()
    };
    let none = AuditFilter::default;
    assert_eq!(seqs(none(), 3), [10, 9, 8]);
    assert_eq!(seqs(AuditFilter { before: Some(8), ..none() }, 3), [7, 6, 5]);
    assert_eq!(seqs(AuditFilter { actor: Some("bob".to_owned()), ..none() }, 9), [10, 8, 6, 4, 2]);
    assert_eq!(seqs(AuditFilter { action: Some("silence.".to_owned()), ..none() }, 9), [9, 7, 5, 3, 1]);
    assert_eq!(seqs(AuditFilter { action: Some("silence".to_owned()), ..none() }, 9), [0; 0]);
    assert_eq!(seqs(AuditFilter { subject: Some("s-0".to_owned()), ..none() }, 9), [10, 7, 4, 1]);
    let day = AuditFilter { from: Some(at(2)), until: Some(at(2) + TimeDelta::minutes(2)), ..none() };
    assert_eq!(seqs(day, 9), [4, 3]);
    let counts = control.audit_counts(at(0), at(9)).unwrap();
    let counts: Vec<_> = counts.iter().map(|one| (&*one.actor, &*one.action, one.rows)).collect();
    assert_eq!(counts, [("ada", "silence.create", 5), ("bob", "silencer", 4)]);
}

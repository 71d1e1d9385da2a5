//! From a SQLite file to PostgreSQL.

use chrono::TimeDelta;
use headroom_control::{Acting, Control, ControlError, Decision, EntryKind, FeedText, NoteKey, Role};
use serde_json::json;

use crate::actions::step;
use crate::at;
use crate::nodes::{firing, message};
use crate::world::World;

/// Something in every table.
fn fill(control: &Control) -> (String, String) {
    let ada = control.create_user("ada", "correct horse", Role::Sre, "acme", at(0)).unwrap();
    let secrets = (
        control.create_session(&ada, "web", None, at(0)).unwrap(),
        control.create_token("t", Role::Ingest, "acme", at(0)).unwrap(),
    );
    control.login_failed("eve", at(0)).unwrap();
    for n in 0..1_203 {
        let detail = json!({"n": n, "email": "é@example.com"});
        control.audit("ada", "lookup.reveal", "c-1", "ticket 77", &detail, at(n)).unwrap();
    }
    control.audit_checkpoint(&NoteKey::generate("log").unwrap(), at(0)).unwrap().unwrap();
    control.audit_round(&[], || {}, at(0)).unwrap();
    let (state, steps) = (Some("{}".to_owned()), vec![step("s", true, 0)]);
    let decision = Decision { state, steps, ..firing("a1") };
    control.route("acme", at(0), |_| Ok(decision)).unwrap();
    let acting = Acting { state: Some("{\"runs\":[]}".to_owned()), ..Acting::default() };
    control.act("acme", "rollback", at(0), |_| Ok(acting)).unwrap();
    control.enqueue(&[message("g", "k1"), message("g", "k2")], at(0)).unwrap();
    let entries = ["z", "a", "m"].map(|name| (EntryKind::Event, json!({"name": name})));
    control.add_calendar_entries("acme", &entries, "ada", at(0)).unwrap();
    let said = FeedText {
        address: "https://example.com/a.ics".to_owned(),
        media_type: None,
        etag: Some("\"1\"".to_owned()),
        last_modified: None,
        text: "BEGIN:VCALENDAR".to_owned(),
        confirmed_at: at(0),
    };
    control.keep_feed("acme", "vendor", &said).unwrap();
    control.add_silence("acme", &json!({"n": 1}), "maintenance", None, "ada", at(0)).unwrap();
    assert!(control.leadership("alerts", "one").campaign(at(0)).unwrap());
    control.signing_key("links", at(0)).unwrap();
    secrets
}

#[test]
fn everything_in_a_file_is_moved_once_and_goes_on() {
    let (file, Some(world)) = (World::sqlite(), World::postgres()) else { return };
    let from = file.open();
    let (cookie, token) = fill(&from);
    let copied = Control::copy(&file.file(), &world.server()).unwrap();
    assert_eq!(copied.audit, from.audit_verify().unwrap());
    assert_eq!(copied.tables.len(), 18);
    assert!(
        copied.tables.iter().all(|(_, rows)| *rows > 0),
        "the test fills every table: {:?}",
        copied.tables
    );
    assert!(copied.tables.contains(&("audit".to_owned(), 1_205)));

    let to = world.open();
    assert_eq!(to.audit_verify().unwrap(), copied.audit);
    assert_eq!(to.session(&cookie, at(1)).unwrap(), from.session(&cookie, at(1)).unwrap());
    assert_eq!(to.verify_token(&token, at(1)).unwrap().unwrap().name, "t");
    assert!(to.verify_password("ada", "correct horse", at(1)).unwrap().is_some());
    assert_eq!(to.scram_credentials("ada", at(1)).unwrap(), from.scram_credentials("ada", at(1)).unwrap());
    assert_eq!(to.list_users().unwrap(), from.list_users().unwrap());
    assert_eq!(to.open_alerts("acme").unwrap(), from.open_alerts("acme").unwrap());
    assert_eq!(to.list_deliveries(None, 99).unwrap(), from.list_deliveries(None, 99).unwrap());
    assert_eq!(to.routing("acme").unwrap(), from.routing("acme").unwrap());
    assert_eq!(to.signing_key("links", at(1)).unwrap(), from.signing_key("links", at(1)).unwrap());
    assert_eq!(to.calendar_entries("acme").unwrap(), from.calendar_entries("acme").unwrap());
    assert_eq!(to.feed("acme", "vendor").unwrap(), from.feed("acme", "vendor").unwrap());
    assert_eq!(to.silences("acme", at(1)).unwrap(), from.silences("acme", at(1)).unwrap());
    assert_eq!(
        to.budget_steps("acme", "orders", 9).unwrap(),
        from.budget_steps("acme", "orders", 9).unwrap()
    );
    assert_eq!(to.freezes("acme", "order").unwrap(), [step("s", true, 0)]);
    assert_eq!(to.action("acme", "rollback").unwrap(), from.action("acme", "rollback").unwrap());
    assert_eq!(to.leaders().unwrap(), from.leaders().unwrap());

    assert_eq!(to.audit_status().unwrap(), from.audit_status().unwrap());

    // What comes next is numbered after what was moved.
    to.audit("ada", "a", "b", "c", &json!({}), at(0)).unwrap();
    to.create_token("t2", Role::Sre, "acme", at(0)).unwrap();
    assert_eq!(to.list_tokens().unwrap()[1].name, "t2");
    to.enqueue(&[message("g", "k3")], at(0)).unwrap();
    let newest = to.list_deliveries(None, 1).unwrap().remove(0);
    assert_eq!((newest.id, newest.dedup_key.as_str()), (4, "k3"));
    let entry = [(EntryKind::Event, json!({"name": "b"}))];
    let added = to.add_calendar_entries("acme", &entry, "ada", at(0)).unwrap().remove(0);
    assert_eq!(to.calendar_entries("acme").unwrap().last(), Some(&added));
    assert_eq!(to.lease(at(0), TimeDelta::minutes(1)).unwrap().len(), 2, "the first of each group");

    let again = Control::copy(&file.file(), &world.server()).unwrap_err().to_string();
    assert_eq!(again, "the table users there has rows already: copy into an empty database");
}

#[test]
fn a_chain_that_does_not_hold_is_not_moved() {
    let (file, Some(world)) = (World::sqlite(), World::postgres()) else { return };
    fill(&file.open());
    file.behind_the_back("DROP TRIGGER audit_no_update; UPDATE audit SET reason = '' WHERE seq = 7").unwrap();
    let refused = Control::copy(&file.file(), &world.server());
    assert!(matches!(refused, Err(ControlError::AuditBroken { seq: 7, .. })), "{refused:?}");
    assert!(world.open().list_users().unwrap().is_empty());
    let missing = Control::copy(&file.file().with_file_name("other.db"), &world.server()).unwrap_err();
    assert!(missing.to_string().ends_with("other.db is no file"));
}

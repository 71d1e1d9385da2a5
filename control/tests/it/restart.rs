use chrono::TimeDelta;
use headroom_control::{Control, ControlError, Decision, Form, NewMessage, Role};
use serde_json::json;

use crate::alerts::alert;
use crate::at;
use crate::world::{World, on_both};

on_both!(a_restart_keeps_everything,);

fn a_restart_keeps_everything(world: &World) {
    let (cookie, token) = {
        let control = world.open();
        let ada = control.create_user("ada", "correct horse", Role::Sre, "acme", at(0)).unwrap();
        let page = NewMessage {
            group: "a1".to_owned(),
            channel: "pager".to_owned(),
            dedup_key: "k".to_owned(),
            form: Form::Notification,
            body: "1".to_owned(),
            due: at(0),
        };
        let decision = Decision { alerts: vec![alert("a1")], messages: vec![page], ..Decision::default() };
        control.route("acme", at(0), |_| Ok(decision)).unwrap();
        assert_eq!(control.lease(at(0), TimeDelta::minutes(1)).unwrap().len(), 1);
        control.audit("ada", "x", "y", "z", &json!({}), at(0)).unwrap();
        for _ in 0..10 {
            control.login_failed("eve", at(0)).unwrap();
        }
        (
            control.create_session(&ada, "web", None, at(0)).unwrap(),
            control.create_token("t", Role::Ingest, "acme", at(0)).unwrap(),
        )
    };
    let control = world.open();
    assert_eq!(control.session(&cookie, at(1)).unwrap().unwrap().name, "ada");
    assert!(control.verify_token(&token, at(1)).unwrap().is_some());
    assert_eq!(control.open_alerts("acme").unwrap().len(), 1);
    assert_eq!(
        control.lease(at(1), TimeDelta::minutes(1)).unwrap().len(),
        1,
        "the dead worker's lease has run out"
    );
    assert_eq!(
        control.audit_verify().unwrap().rows,
        13,
        "the deed, ten refusals, that a name was locked, and a sign-in"
    );
    assert!(matches!(control.verify_password("eve", "x", at(1)), Err(ControlError::LockedOut { .. })));
}

#[test]
fn the_file_is_private_durable_and_versioned() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("control.db");
    drop(Control::open(&path).unwrap());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
    let file = rusqlite::Connection::open(&path).unwrap();
    let mode: String = file.pragma_query_value(None, "journal_mode", |row| row.get(0)).unwrap();
    assert_eq!(mode, "wal");
    file.pragma_update(None, "user_version", 9999).unwrap();
    let newer = Control::open(&path).unwrap_err();
    assert!(matches!(newer, ControlError::NewerSchema { found: 9999, .. }), "{newer}");

    let missing = Control::open(dir.path().join("no/such/folder.db")).unwrap_err();
    assert!(missing.to_string().contains("check that the folder exists"), "{missing}");
}

//! What administrators may do, and what not.

use headroom_control::{Control, ControlError, Principal, Role, Vouched};

use crate::at;
use crate::world::{World, on_both};

on_both!(
    a_deed_is_on_record_with_who_what_and_whom,
    the_last_administrator_stays,
    what_belongs_to_another_tenant_is_not_there,
    what_a_provider_says_is_changed_at_the_provider,
    sessions_are_listed_and_ended,
);

const PASSWORD: &str = "correct horse";

/// A state with an administrator of `acme`.
fn begun(world: &World) -> (Control, Principal) {
    let control = world.open();
    let root = control.create_user("root", PASSWORD, Role::Admin, "acme", at(0)).unwrap();
    (control, root)
}

fn refusal<T: std::fmt::Debug>(of: headroom_control::Result<T>) -> String {
    match of.unwrap_err() {
        ControlError::Invalid(why) => why,
        other => panic!("{other:?}"),
    }
}

fn a_deed_is_on_record_with_who_what_and_whom(world: &World) {
    let (control, root) = begun(world);
    control.admit(&root, "ada", PASSWORD, Role::Sre, at(1)).unwrap();
    control.change_role(&root, "ada", Role::Lead, at(2)).unwrap();
    control.change_role(&root, "ada", Role::Lead, at(2)).unwrap();
    control.give_password(&root, "ada", "another horse", at(3)).unwrap();
    control.shut_out(&root, "ada", at(4)).unwrap();
    assert_eq!(control.verify_password("ada", "another horse", at(4)).unwrap(), None);
    control.let_in(&root, "ada", at(5)).unwrap();
    let ada = control.verify_password("ada", "another horse", at(5)).unwrap().unwrap();
    assert_eq!(ada.role, Role::Lead);
    let token = control.issue_token(&root, "pipeline", Role::Ingest, at(6)).unwrap();
    assert_eq!(control.verify_token(&token, at(6)).unwrap().unwrap().tenant, "acme");
    control.withdraw_token(&root, "pipeline", at(7)).unwrap();
    assert_eq!(control.verify_token(&token, at(7)).unwrap(), None);

    let deeds = || {
        let rows = control.audit_entries(0).unwrap();
        rows.into_iter().filter(|row| row.actor == "root").collect::<Vec<_>>()
    };
    let rows = deeds();
    let told: Vec<_> = rows.iter().map(|row| (row.action.as_str(), row.subject.as_str())).collect();
    let expected = [
        ("user.create", "ada"),
        ("user.change", "ada"),
        ("user.password", "ada"),
        ("user.disable", "ada"),
        ("user.enable", "ada"),
        ("token.create", "pipeline"),
        ("token.revoke", "pipeline"),
    ];
    assert_eq!(told, expected, "what changed nothing is no deed");
    assert!(rows.iter().all(|row| !row.detail.contains("horse")));

    let why = refusal(control.admit(&root, "robot", PASSWORD, Role::Ingest, at(8)));
    assert!(why.contains("make a token"), "{why}");
    assert!(matches!(
        control.admit(&root, "ada", PASSWORD, Role::Sre, at(8)),
        Err(ControlError::Exists { .. })
    ));
    assert_eq!(deeds().len(), expected.len(), "nor what was refused");
}

fn the_last_administrator_stays(world: &World) {
    let (control, root) = begun(world);
    control.create_user("other", PASSWORD, Role::Admin, "elsewhere", at(0)).unwrap();
    control.admit(&root, "ada", PASSWORD, Role::Admin, at(1)).unwrap();
    control.shut_out(&root, "ada", at(1)).unwrap();
    let why = refusal(control.change_role(&root, "root", Role::Sre, at(2)));
    assert_eq!(why, "root is the last administrator of acme: give another account the role admin first");
    assert_eq!(refusal(control.shut_out(&root, "root", at(2))), why);
    assert_eq!(control.user("root").unwrap().unwrap().role, Role::Admin);

    control.let_in(&root, "ada", at(3)).unwrap();
    control.shut_out(&root, "root", at(4)).unwrap();
    assert_eq!(control.user("root").unwrap(), None);
}

fn what_belongs_to_another_tenant_is_not_there(world: &World) {
    let (control, root) = begun(world);
    let eve = control.create_user("eve", PASSWORD, Role::Admin, "elsewhere", at(0)).unwrap();
    let session = control.create_session(&eve, "web", None, at(0)).unwrap();
    let token = control.issue_token(&eve, "theirs", Role::Sre, at(0)).unwrap();
    let unknown = |of: headroom_control::Result<()>| assert!(matches!(of, Err(ControlError::Unknown { .. })));
    unknown(control.change_role(&root, "eve", Role::Agent, at(1)));
    unknown(control.give_password(&root, "eve", "another horse", at(1)));
    unknown(control.shut_out(&root, "eve", at(1)));
    unknown(control.let_in(&root, "eve", at(1)));
    unknown(control.end_sessions_of(&root, "eve", at(1)).map(drop));
    unknown(control.end_session_by_id(&root, &Control::session_id(&session), at(1)));
    unknown(control.withdraw_token(&root, "theirs", at(1)));
    assert_eq!(control.session(&session, at(1)).unwrap(), Some(eve));
    assert!(control.verify_token(&token, at(1)).unwrap().is_some());
    let names = |tenant: &str| -> Vec<String> {
        control.users_of(tenant).unwrap().into_iter().map(|user| user.name).collect()
    };
    assert_eq!((names("acme"), names("elsewhere")), (vec!["root".to_owned()], vec!["eve".to_owned()]));
    assert!(control.tokens_of("acme").unwrap().is_empty());
    assert!(control.sessions_of("acme", 10, at(1)).unwrap().is_empty());
}

fn what_a_provider_says_is_changed_at_the_provider(world: &World) {
    let (control, root) = begun(world);
    let [issuer, subject, name, tenant] =
        ["https://login.example.com/", "7", "ada@example.com", "acme"].map(str::to_owned);
    let ada = Vouched { issuer, subject, name, role: Role::Sre, tenant };
    control.vouched_user(&ada, at(0)).unwrap();
    let why = refusal(control.change_role(&root, "ada@example.com", Role::Lead, at(1)));
    assert_eq!(
        why,
        "ada@example.com signs in at https://login.example.com/, which has their role: change it there"
    );
    let why = refusal(control.give_password(&root, "ada@example.com", "another horse", at(1)));
    assert!(why.contains("their password"), "{why}");
    control.shut_out(&root, "ada@example.com", at(2)).unwrap();
    assert_eq!(control.vouched_user(&ada, at(3)).unwrap(), None);
    let shown = control.users_of("acme").unwrap();
    assert_eq!(shown[0].issuer.as_deref(), Some("https://login.example.com/"));
}

fn sessions_are_listed_and_ended(world: &World) {
    let (control, root) = begun(world);
    control.admit(&root, "ada", PASSWORD, Role::Sre, at(0)).unwrap();
    let ada = control.user("ada").unwrap().unwrap();
    let from = "203.0.113.9".parse().unwrap();
    let first = control.create_session(&ada, "web", Some(from), at(1)).unwrap();
    let second = control.create_session(&ada, "flight", None, at(2)).unwrap();
    let shown = control.sessions_of("acme", 10, at(3)).unwrap();
    let told: Vec<_> = shown.iter().map(|one| (one.door.as_str(), one.address.as_deref())).collect();
    assert_eq!(told, [("flight", None), ("web", Some("203.0.113.9"))]);
    assert_eq!(shown[1].id, Control::session_id(&first));
    let last = control.users_of("acme").unwrap().into_iter().find(|user| user.name == "ada").unwrap();
    assert_eq!(last.signed_in_at, Some(at(2)));

    control.end_session_by_id(&root, &shown[1].id, at(4)).unwrap();
    assert_eq!(control.session(&first, at(4)).unwrap(), None);
    assert!(control.session(&second, at(4)).unwrap().is_some());
    for id in [shown[1].id.as_str(), "none", ""] {
        assert!(
            matches!(control.end_session_by_id(&root, id, at(5)), Err(ControlError::Unknown { .. })),
            "{id}"
        );
    }
    assert_eq!(control.end_sessions_of(&root, "ada", at(6)).unwrap(), 1);
    assert_eq!(control.session(&second, at(6)).unwrap(), None);
    assert!(control.sessions_of("acme", 10, at(6)).unwrap().is_empty());
}

//! Accounts that a provider vouches for.

use headroom_control::{Control, ControlError, Role, Vouched};

use crate::at;
use crate::world::{World, on_both};

on_both!(an_account_is_made_once_and_follows_what_is_said, a_name_that_is_taken_is_never_handed_over,);

fn ada(role: Role) -> Vouched {
    let [issuer, subject, name, tenant] =
        ["https://login.example.com/", "7", "ada@example.com", "acme"].map(str::to_owned);
    Vouched { issuer, subject, name, role, tenant }
}

fn an_account_is_made_once_and_follows_what_is_said(world: &World) {
    let control = world.open();
    let made = control.vouched_user(&ada(Role::Sre), at(0)).unwrap().unwrap();
    assert_eq!((made.name.as_str(), made.role), ("ada@example.com", Role::Sre));
    let session = control.create_session(&made, "oidc", None, at(0)).unwrap();
    // The provider changes her role and her address: the account is the same, by the name that it had.
    let moved = Vouched { name: "ada@example.org".to_owned(), ..ada(Role::Lead) };
    let followed = control.vouched_user(&moved, at(1)).unwrap().unwrap();
    assert_eq!((followed.name.as_str(), followed.role), ("ada@example.com", Role::Lead));
    assert_eq!(control.session(&session, at(1)).unwrap().unwrap().role, Role::Lead);
    assert_eq!(control.list_users().unwrap().len(), 1);
    let deeds: Vec<String> = control.audit_entries(0).unwrap().into_iter().map(|row| row.action).collect();
    assert_eq!(deeds, ["user.create", "login", "user.change"]);
    control.disable_user("ada@example.com", at(2)).unwrap();
    assert_eq!(control.vouched_user(&ada(Role::Admin), at(3)).unwrap(), None);
}

fn a_name_that_is_taken_is_never_handed_over(world: &World) {
    let control: Control = world.open();
    control.create_user("ada@example.com", "correct horse", Role::Admin, "acme", at(0)).unwrap();
    let refused = control.vouched_user(&ada(Role::Sre), at(0)).unwrap_err();
    assert!(matches!(refused, ControlError::Exists { .. }), "{refused}");
    assert_eq!(control.user("ada@example.com").unwrap().unwrap().role, Role::Admin);
    let odd = Vouched { subject: "8".to_owned(), name: "a b".to_owned(), ..ada(Role::Sre) };
    assert!(matches!(control.vouched_user(&odd, at(0)), Err(ControlError::Invalid(_))));
    // The same person at two providers is two.
    let one = Vouched { name: "eve".to_owned(), ..ada(Role::Sre) };
    let two =
        Vouched { issuer: "https://other.example.com/".to_owned(), name: "eve.2".to_owned(), ..one.clone() };
    assert!(control.vouched_user(&one, at(0)).unwrap().is_some());
    assert_eq!(control.vouched_user(&two, at(0)).unwrap().unwrap().name, "eve.2");
}

use std::net::IpAddr;

use headroom_control::{
    AuditFilter, Control, ControlError, LOCK_OUT_ADDRESS_AFTER, LOCK_OUT_AFTER, LOCK_OUT_FOR, Role,
    salted_password,
};

use crate::at;
use crate::world::{World, on_both};

on_both!(
    the_right_password_opens_and_a_wrong_one_does_not,
    names_passwords_and_roles_are_checked,
    ten_failures_lock_a_name_for_a_quarter_of_an_hour_known_or_not,
    what_cannot_be_a_name_is_a_wrong_one,
    nobody_locks_others_out_and_an_address_has_its_own_lock,
    a_login_forgives_the_failures_before_it,
    scram_credentials_fit_the_password_and_have_their_own_salt,
    a_session_lasts_twelve_hours_and_follows_its_user,
    tokens_are_shown_once_and_end_when_revoked,
);

const PASSWORD: &str = "correct horse";

fn with_ada(world: &World) -> Control {
    let control = world.open();
    control.create_user("ada", PASSWORD, Role::Analyst, "acme", at(0)).unwrap();
    control
}

fn the_right_password_opens_and_a_wrong_one_does_not(world: &World) {
    let control = with_ada(world);
    let ada = control.verify_password("ada", PASSWORD, at(1)).unwrap().unwrap();
    assert_eq!((ada.role, ada.tenant.as_str()), (Role::Analyst, "acme"));
    assert_eq!(control.verify_password("ada", "Correct horse", at(1)).unwrap(), None);
    assert_eq!(control.verify_password("bob", PASSWORD, at(1)).unwrap(), None);
}

fn names_passwords_and_roles_are_checked(world: &World) {
    let control = with_ada(world);
    let again = control.create_user("ada", PASSWORD, Role::Admin, "acme", at(0)).unwrap_err();
    assert_eq!(again.to_string(), "user \"ada\" exists already; choose another name");
    for (name, password) in [("a b", PASSWORD), ("", PASSWORD), ("n=x,r=y", PASSWORD), ("eve", "short")] {
        let refused = control.create_user(name, password, Role::Sre, "acme", at(0));
        assert!(matches!(refused, Err(ControlError::Invalid(_))), "{name:?} {password:?}");
    }
    assert!("root".parse::<Role>().is_err());
    assert_eq!("admin".parse::<Role>().unwrap(), Role::Admin);
    assert_eq!(control.list_users().unwrap().len(), 1);
}

fn ten_failures_lock_a_name_for_a_quarter_of_an_hour_known_or_not(world: &World) {
    let control = with_ada(world);
    for name in ["ada", "nobody"] {
        for _ in 0..LOCK_OUT_AFTER {
            control.login_failed(name, at(0)).unwrap();
        }
        let locked = control.verify_password(name, PASSWORD, at(14));
        assert!(matches!(locked, Err(ControlError::LockedOut { .. })), "{name}: {locked:?}");
        assert_eq!(control.scram_credentials(name, at(14)).unwrap(), None);
    }
    assert!(control.verify_password("ada", PASSWORD, at(15)).unwrap().is_some());
    assert!(control.scram_credentials("ada", at(15)).unwrap().is_some());
}

fn what_cannot_be_a_name_is_a_wrong_one(world: &World) {
    let control = with_ada(world);
    let long = headroom_control::random_text().repeat(200);
    for name in [long.as_str(), "a\0da", "", "ada "] {
        for _ in 0..=LOCK_OUT_AFTER {
            control.login_failed(name, at(0)).unwrap();
        }
        assert_eq!(control.verify_password(name, PASSWORD, at(0)).unwrap(), None, "{name:?}");
        assert_eq!(control.scram_credentials(name, at(0)).unwrap(), None);
    }
}

fn nobody_locks_others_out_and_an_address_has_its_own_lock(world: &World) {
    let control = with_ada(world);
    let (eve, home): (IpAddr, IpAddr) = ("203.0.113.9".parse().unwrap(), "198.51.100.4".parse().unwrap());
    let guess = |name: &str, from, minute| control.verify_password_from(name, "guess", from, at(minute));
    for _ in 0..LOCK_OUT_AFTER {
        assert_eq!(guess("ada", eve, 0).unwrap(), None);
    }
    assert!(matches!(guess("ada", eve, 1), Err(ControlError::LockedOut { .. })));
    let of = |action: &str| {
        let of_these = AuditFilter { action: Some(action.to_owned()), ..AuditFilter::default() };
        control.audit_rows(&of_these, 99).unwrap()
    };
    let (locks, refusals) = (of("login.locked"), of("login.refused"));
    assert_eq!(locks.len(), 1, "a lock is on record once");
    assert_eq!(refusals.len(), LOCK_OUT_AFTER as usize, "what is refused while it is locked is not");
    for row in [&locks[0], &refusals[0]] {
        assert_eq!((row.subject.as_str(), &row.detail["from"]), ("ada", &"203.0.113.9".into()));
    }
    let signed_in = control.verify_password_from("ada", PASSWORD, home, at(1)).unwrap();
    assert!(signed_in.is_some(), "from elsewhere she comes in");

    // Many names from one address; signing in with an own account does not clear it.
    for n in LOCK_OUT_AFTER..LOCK_OUT_ADDRESS_AFTER {
        assert_eq!(guess(&format!("n{n}"), eve, 1).unwrap(), None, "{n}");
        if n == 30 {
            control.create_user("eve", PASSWORD, Role::Agent, "acme", at(1)).unwrap();
            assert!(control.verify_password_from("eve", PASSWORD, eve, at(1)).unwrap().is_some());
        }
    }
    let locked = control.verify_password_from("eve", PASSWORD, eve, at(2)).unwrap_err();
    assert!(locked.to_string().contains("203.0.113.9"), "{locked}");
    let later = 2 + LOCK_OUT_FOR.num_minutes();
    assert!(control.verify_password_from("eve", PASSWORD, eve, at(later)).unwrap().is_some());

    for _ in 0..LOCK_OUT_AFTER {
        guess("ada", home, 90).unwrap();
    }
    control.set_password("ada", "another password").unwrap();
    let fresh = control.verify_password_from("ada", "another password", home, at(91)).unwrap();
    assert!(fresh.is_some(), "a new password forgives");
}

fn a_login_forgives_the_failures_before_it(world: &World) {
    let control = with_ada(world);
    for _ in 1..LOCK_OUT_AFTER {
        control.login_failed("ada", at(0)).unwrap();
    }
    assert!(control.verify_password("ada", PASSWORD, at(1)).unwrap().is_some());
    for _ in 1..LOCK_OUT_AFTER {
        control.login_failed("ada", at(2)).unwrap();
    }
    assert!(control.scram_credentials("ada", at(2)).unwrap().is_some());
}

fn scram_credentials_fit_the_password_and_have_their_own_salt(world: &World) {
    let control = with_ada(world);
    control.create_user("bob", PASSWORD, Role::Analyst, "acme", at(0)).unwrap();
    let ada = control.scram_credentials("ada", at(0)).unwrap().unwrap();
    let bob = control.scram_credentials("bob", at(0)).unwrap().unwrap();
    assert!(ada.iterations >= 4096);
    assert_ne!(ada.salt, bob.salt);
    assert_eq!(ada.salted_password, salted_password(PASSWORD, &ada.salt, ada.iterations));
    assert!(!format!("{ada:?}").contains("salted_password"), "secrets stay out of logs");
    assert_eq!(control.scram_credentials("eve", at(0)).unwrap(), None);
}

fn a_session_lasts_twelve_hours_and_follows_its_user(world: &World) {
    let control = with_ada(world);
    let ada = control.user("ada").unwrap().unwrap();
    let cookie = control.create_session(&ada, "web", None, at(0)).unwrap();
    assert_eq!(control.session(&cookie, at(12 * 60 - 1)).unwrap(), Some(ada.clone()));
    assert_eq!(control.session(&cookie, at(12 * 60)).unwrap(), None);
    assert_eq!(control.session("made-up", at(0)).unwrap(), None);

    control.end_session(&cookie).unwrap();
    assert_eq!(control.session(&cookie, at(1)).unwrap(), None);

    let (first, second) = (
        control.create_session(&ada, "web", None, at(0)).unwrap(),
        control.create_session(&ada, "web", None, at(1)).unwrap(),
    );
    for _ in 0..999 {
        control.create_session(&ada, "web", None, at(2)).unwrap();
    }
    assert_eq!(control.session(&first, at(3)).unwrap(), None, "the oldest of 1,001 has ended");
    assert_eq!(control.session(&second, at(3)).unwrap(), Some(ada.clone()));

    let cookie = control.create_session(&ada, "web", None, at(0)).unwrap();
    control.set_password("ada", "another password").unwrap();
    assert_eq!(control.session(&cookie, at(1)).unwrap(), None, "a new password ends old sessions");
    assert_eq!(control.verify_password("ada", PASSWORD, at(1)).unwrap(), None);

    let cookie = control.create_session(&ada, "web", None, at(1)).unwrap();
    control.disable_user("ada", at(2)).unwrap();
    assert_eq!(control.session(&cookie, at(3)).unwrap(), None);
    assert_eq!(control.verify_password("ada", "another password", at(3)).unwrap(), None);
    assert_eq!(control.scram_credentials("ada", at(3)).unwrap(), None);
    assert!(control.create_session(&ada, "web", None, at(3)).is_err());
}

fn tokens_are_shown_once_and_end_when_revoked(world: &World) {
    let control = world.open();
    let token = control.create_token("collector", Role::Ingest, "acme", at(0)).unwrap();
    assert!(token.starts_with("hr_ingest_") && token.len() == "hr_ingest_".len() + 43, "{token}");
    let bearer = control.verify_token(&token, at(1)).unwrap().unwrap();
    assert_eq!((bearer.name.as_str(), bearer.role), ("collector", Role::Ingest));
    assert_eq!(control.list_tokens().unwrap()[0].used_at, Some(at(1)));
    control.verify_token(&token, at(2)).unwrap();
    assert_eq!(control.list_tokens().unwrap()[0].used_at, Some(at(1)), "recorded hourly, not per request");

    let mut wrong = token.clone();
    wrong.pop();
    assert_eq!(control.verify_token(&wrong, at(1)).unwrap(), None);
    assert_eq!(control.verify_token("", at(1)).unwrap(), None);
    assert!(control.create_token("collector", Role::Admin, "acme", at(1)).is_err());

    control.revoke_token("collector", at(3)).unwrap();
    assert_eq!(control.verify_token(&token, at(3)).unwrap(), None);
    assert!(control.revoke_token("unknown", at(3)).is_err());
}

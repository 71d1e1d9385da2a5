use chrono::TimeDelta;
use headroom_control::{DeliveryState, EntryKind, FeedText, Form, NewMessage};
use serde_json::json;

use crate::at;
use crate::world::{World, on_both};

on_both!(
    an_entry_is_kept_once_and_of_its_tenant_alone,
    what_a_feed_said_outlives_a_restart,
    names_of_groups_and_entries_may_be_long,
    a_message_waits_for_its_time_and_keeps_its_bytes,
);

fn an_entry_is_kept_once_and_of_its_tenant_alone(world: &World) {
    let control = world.open();
    let event = json!({"class": "earnings", "name": "ACME results", "start": "2026-11-05T21:05:00Z"});
    let posted = [(EntryKind::Event, event.clone())];
    let kept = control.add_calendar_entries("acme", &posted, "ada", at(0)).unwrap();
    let again = control.add_calendar_entries("acme", &posted, "bob", at(5)).unwrap();
    assert_eq!(kept, again, "the first one stays");
    assert_eq!((kept[0].created_by.as_str(), kept[0].created_at), ("ada", at(0)));
    assert_eq!(control.calendar_entries("acme").unwrap(), kept);
    assert!(control.calendar_entries("other").unwrap().is_empty());
    assert_eq!(control.remove_calendar_entry("other", &kept[0].id).unwrap(), None);
    assert_eq!(control.remove_calendar_entry("acme", &kept[0].id).unwrap().unwrap().entry, event);
    assert!(control.calendar_entries("acme").unwrap().is_empty());
}

fn what_a_feed_said_outlives_a_restart(world: &World) {
    let said = FeedText {
        address: "https://example.com/a.ics".to_owned(),
        media_type: Some("text/calendar".to_owned()),
        etag: Some("\"1\"".to_owned()),
        last_modified: None,
        text: "BEGIN:VCALENDAR".to_owned(),
        confirmed_at: at(0),
    };
    world.open().keep_feed("acme", "vendor", &said).unwrap();
    let control = world.open();
    control.confirm_feed("acme", "vendor", at(7)).unwrap();
    let later = FeedText { confirmed_at: at(7), ..said };
    assert_eq!(control.feed("acme", "vendor").unwrap(), Some(later));
    assert_eq!(control.feed("acme", "another").unwrap(), None);
}

fn message(key: &str, minute: i64) -> NewMessage {
    NewMessage {
        group: format!("scale_{key}"),
        channel: "deploys".to_owned(),
        dedup_key: key.to_owned(),
        form: Form::Body,
        body: "{\"type\": \"scale.before\",  \"b\":1, \"a\":2}".to_owned(),
        due: at(minute),
    }
}

fn names_of_groups_and_entries_may_be_long(world: &World) {
    let control = world.open();
    let long: String = (0..500).map(|_| headroom_control::random_text()).collect();
    let first = NewMessage { group: long.clone(), ..message("first", 0) };
    let then = NewMessage { group: long.clone(), ..message("then", 0) };
    assert_eq!(control.enqueue(&[first, then], at(0)).unwrap(), 2);
    let leased = control.lease(at(0), TimeDelta::minutes(1)).unwrap();
    assert_eq!((leased.len(), &leased[0].alert_id), (1, &long));
    let entry = [(EntryKind::Event, json!({"name": long}))];
    let kept = control.add_calendar_entries("acme", &entry, "ada", at(0)).unwrap();
    assert_eq!(control.add_calendar_entries("acme", &entry, "ada", at(1)).unwrap(), kept);
}

fn a_message_waits_for_its_time_and_keeps_its_bytes(world: &World) {
    let control = world.open();
    assert_eq!(control.enqueue(&[message("late", 10), message("soon", 2)], at(0)).unwrap(), 2);
    assert_eq!(control.enqueue(&[message("late", 3)], at(1)).unwrap(), 0, "a known key is not queued again");
    assert!(control.lease(at(1), TimeDelta::minutes(1)).unwrap().is_empty());
    let leased = control.lease(at(2), TimeDelta::minutes(1)).unwrap();
    assert_eq!((leased.len(), leased[0].dedup_key.as_str()), (1, "soon"));
    assert_eq!(leased[0].body, message("soon", 2).body, "to the byte");

    let queued = |prefix: &str, since: i64| {
        let queued = control.queued(prefix, at(since)).unwrap();
        queued.into_iter().map(|one| (one.dedup_key, one.state)).collect::<Vec<_>>()
    };
    let (late, soon) =
        (("late".to_owned(), DeliveryState::Pending), ("soon".to_owned(), DeliveryState::Leased));
    assert_eq!(queued("scale_", 0), [late.clone(), soon]);
    assert_eq!(queued("scale_l", 0), std::slice::from_ref(&late));
    assert_eq!(queued("scale_", 1), [], "queued before");
    let waiting = control.queued("scale_late", at(0)).unwrap();
    assert!(control.withdraw(waiting[0].id, "planned anew", at(3)).unwrap());
    assert_eq!(queued("scale_late", 0), [], "taken back");
    assert!(!control.withdraw(leased[0].id, "planned anew", at(3)).unwrap());
    assert!(control.lease(at(60), TimeDelta::minutes(1)).unwrap().iter().all(|one| one.dedup_key == "soon"));
    let dead = control.list_deliveries(Some(DeliveryState::Dead), 10).unwrap();
    assert_eq!(dead[0].last_error.as_deref(), Some("planned anew"));

    let broken = NewMessage { body: "{".to_owned(), ..message("broken", 1) };
    let refused = control.enqueue(&[message("fine", 1), broken], at(0)).unwrap_err();
    assert!(refused.to_string().starts_with("the body of message broken is no JSON"), "{refused}");
    assert_eq!(queued("scale_fine", 0), [], "all or none");
}

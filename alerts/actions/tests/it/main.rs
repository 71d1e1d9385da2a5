//! Policies and actions as those who configure them see them.

#![allow(clippy::unwrap_used, missing_docs)]

mod actions;
mod policies;
mod promises;

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use headroom_actions::{Action, Signal, Situation};
use headroom_routing::Matchers;

/// A moment so many seconds after a fixed one.
fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_780_000_000 + seconds, 0).unwrap()
}

/// A roll-back that may run: half an hour of pause, two an hour, looked at after a quarter.
fn rollback() -> Action {
    Action {
        name: "rollback".to_owned(),
        matchers: Matchers::default(),
        signals: [Signal::Burn, Signal::Canary].into(),
        dry_run: false,
        cool_down: TimeDelta::minutes(30),
        most_per_hour: 2,
        verify_after: TimeDelta::minutes(15),
    }
}

/// An open alert of a service with signals.
fn situation(alert: &str, service: &str, signals: &[Signal]) -> Situation {
    let signals: BTreeMap<_, _> =
        signals.iter().map(|signal| (*signal, format!("{} speaks", signal.word()))).collect();
    let (alert, service) = (alert.to_owned(), service.to_owned());
    Situation { alert, service, signals, silenced: false, burn: Some(20.0) }
}

//! The control state as its users see it.
#![allow(clippy::unwrap_used)]

mod actions;
mod administration;
mod alerts;
mod audit;
mod calendar;
mod moved;
mod nodes;
mod people;
mod restart;
mod server;
mod vouched;
mod world;

use chrono::{DateTime, TimeDelta, Utc};

/// An arbitrary fixed moment, `minutes` later.
fn at(minutes: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_780_000_000, 0).unwrap() + TimeDelta::minutes(minutes)
}

//! The calendars against recorded data.

#![allow(clippy::unwrap_used)]

mod recorded;
mod sessions;

//! The calendars against recorded data, published vectors, and input that was never meant well.

#![allow(clippy::unwrap_used)]

mod check;
mod daylight;
mod decisions;
mod formats;
mod hostile;
mod ical;
mod recorded;
mod rfc5545;
mod sessions;
mod show;

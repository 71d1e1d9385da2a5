//! The steps ahead, in the forms of other schedulers.
//!
//! A [`Schedule`] is the plan's steps as windows, each a floor under what reactive scaling does: the clouds' minimum
//! sizes are raised for a window and given back after it, and scale-in stays theirs. Where a cloud allows few
//! entries, neighbouring windows are joined at the larger floor, so that an export is never below the plan.
//!
//! Every function gives text; nothing is sent.

mod aws;
mod azure;
mod calendar;
mod gcp;
mod keda;
mod schedule;
mod table;

pub use aws::{ScalableTarget, aws_application_auto_scaling, aws_auto_scaling_group};
pub use azure::azure_profiles;
pub use calendar::icalendar;
pub use gcp::gcp_schedules;
pub use keda::{ScaledWorkload, scaled_object};
pub use schedule::{Schedule, Window};
pub use table::csv;

use chrono::{DateTime, Utc};

/// A name for an entry: lower-case letters, digits and hyphens, at most 63, unique by service and start.
fn entry_name(service: &str, from: DateTime<Utc>) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
    let service: String = service.chars().map(plain).take(37).collect();
    format!("headroom-{service}-{}", from.format("%Y%m%dt%H%Mz"))
}

/// JSON as people read it.
fn json(value: &serde_json::Value) -> String {
    format!("{value:#}\n")
}

//! Small conversions between the clocks in use.

use std::time::{Duration, SystemTime};

use chrono::{DateTime, Utc};

/// The start of the minute `t` lies in.
pub(crate) fn floor_minute(t: DateTime<Utc>) -> DateTime<Utc> {
    let seconds = t.timestamp().div_euclid(60) * 60;
    DateTime::from_timestamp(seconds, 0).expect("invariant: a minute of a valid time is valid")
}

/// Nanoseconds since the epoch as the SDK's clock type.
pub(crate) fn system_time(ns: i64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_nanos(ns.max(0) as u64)
}

/// Nanoseconds since the epoch (good until 2262).
pub(crate) fn nanos(t: DateTime<Utc>) -> i64 {
    t.timestamp_nanos_opt().unwrap_or(i64::MAX)
}

//! Times as files write them.

use chrono::{DateTime, Duration, LocalResult, NaiveDate, NaiveDateTime, TimeZone, Utc};
use chrono_tz::Tz;

/// A time as it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Written {
    /// An instant.
    Instant(DateTime<Utc>),
    /// A wall clock without an offset.
    Wall(NaiveDateTime),
}

/// Reads ISO 8601 (with `T` or a space, seconds optional, a date alone is its midnight, also without hyphens) or unix
/// time, whose unit is told by its size: seconds from 1980 until the year 5138, then milli-, micro- and nanoseconds.
/// Smaller numbers are no times: counts and row numbers are.
pub(super) fn parse(text: &str) -> Option<Written> {
    let text = text.trim();
    if let Some(wall) = compact(text) {
        return Some(Written::Wall(wall));
    }
    if let Ok(number) = text.parse::<f64>() {
        return unix(number).map(Written::Instant);
    }
    if let Ok(instant) = DateTime::parse_from_rfc3339(text) {
        return Some(Written::Instant(instant.to_utc()));
    }
    for format in
        ["%Y-%m-%d %H:%M:%S%.f%#z", "%Y-%m-%dT%H:%M:%S%.f%#z", "%Y-%m-%dT%H:%M%#z", "%Y-%m-%d %H:%M%#z"]
    {
        if let Ok(instant) = DateTime::parse_from_str(text, format) {
            return Some(Written::Instant(instant.to_utc()));
        }
    }
    for format in ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"] {
        if let Ok(wall) = NaiveDateTime::parse_from_str(text, format) {
            return Some(Written::Wall(wall));
        }
    }
    let date = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
    date.and_hms_opt(0, 0, 0).map(Written::Wall)
}

/// `20261127`, `202611270930` or `20261127093000`, of this century or the last.
fn compact(text: &str) -> Option<NaiveDateTime> {
    let digits =
        text.bytes().all(|b| b.is_ascii_digit()) && (text.starts_with("19") || text.starts_with("20"));
    match text.len() {
        8 if digits => NaiveDate::parse_from_str(text, "%Y%m%d").ok()?.and_hms_opt(0, 0, 0),
        12 if digits => NaiveDateTime::parse_from_str(text, "%Y%m%d%H%M").ok(),
        14 if digits => NaiveDateTime::parse_from_str(text, "%Y%m%d%H%M%S").ok(),
        _ => None,
    }
}

fn unix(number: f64) -> Option<DateTime<Utc>> {
    let per_second = match number.abs() {
        315_532_800.0..1e11 => 1.0,
        1e11..1e14 => 1e3,
        1e14..1e17 => 1e6,
        1e17..1e19 => 1e9,
        _ => return None,
    };
    let seconds = number / per_second;
    DateTime::from_timestamp(seconds.floor() as i64, 0)
}

/// The instant of a wall clock in a zone. Of an hour that happens twice it is the first, unless that is not after
/// `previous`; one that summer time skips moves an hour later, which `true` tells.
pub(super) fn instant(
    wall: NaiveDateTime,
    tz: Tz,
    previous: Option<DateTime<Utc>>,
) -> Option<(DateTime<Utc>, bool)> {
    match tz.from_local_datetime(&wall) {
        LocalResult::Single(one) => Some((one.to_utc(), false)),
        LocalResult::Ambiguous(first, second) => {
            let (first, second) = (first.to_utc(), second.to_utc());
            let passed = previous.is_some_and(|p| first <= p && p < second + Duration::hours(1));
            Some((if passed { second } else { first }, false))
        }
        LocalResult::None => {
            let later = tz.from_local_datetime(&(wall + Duration::hours(1))).earliest()?;
            Some((later.to_utc(), true))
        }
    }
}

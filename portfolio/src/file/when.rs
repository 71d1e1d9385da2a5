//! Times as files write them.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};

use crate::book::end_of;

/// Reads `2026-11-20T09:30:00+01:00`, `2026-11-20 08:30:00` and `2026-11-20 08:30` (UTC), and `2026-11-20`,
/// the start of that day.
pub fn moment(text: &str) -> Option<DateTime<Utc>> {
    if let Ok(date) = text.parse::<NaiveDate>() {
        return Some(date.and_time(NaiveTime::MIN).and_utc());
    }
    if let Ok(moment) = DateTime::parse_from_rfc3339(text) {
        return Some(moment.to_utc());
    }
    let forms = ["%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M"];
    forms.iter().find_map(|form| NaiveDateTime::parse_from_str(text, form).ok()).map(|local| local.and_utc())
}

/// As [`moment`], but of a date its end: up to then counts what happened on that day.
pub fn moment_or_end(text: &str) -> Option<DateTime<Utc>> {
    text.parse::<NaiveDate>().ok().map(end_of).or_else(|| moment(text))
}

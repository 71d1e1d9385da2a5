//! Wall clocks to instants: the time zones of the IANA database, and those a calendar file brings along.

use std::sync::Arc;

use chrono::{DateTime, Duration, NaiveDateTime, TimeZone, Utc};
use chrono_tz::Tz;

/// The clock of what belongs to no place.
pub(crate) const UTC: Tz = Tz::UTC;

/// The instant of a local wall-clock time. A time that summer time skips moves an hour later; one that happens
/// twice is the first of the two.
pub fn utc(tz: Tz, local: NaiveDateTime) -> DateTime<Utc> {
    tz.from_local_datetime(&local)
        .earliest()
        .or_else(|| tz.from_local_datetime(&local.checked_add_signed(Duration::hours(1))?).earliest())
        .map_or_else(|| Utc.from_utc_datetime(&local), |t| t.with_timezone(&Utc))
}

/// A wall clock.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Zone {
    /// A zone of the IANA database.
    Named(Tz),
    /// The changes of a VTIMEZONE, in their order.
    Own(Arc<[Change]>),
}

/// A change of a wall clock's offset from UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Change {
    /// When, on the wall clock as it stood before.
    pub(crate) onset: NaiveDateTime,
    /// Seconds east of UTC before.
    pub(crate) from: i32,
    /// Seconds east of UTC after.
    pub(crate) to: i32,
}

impl Zone {
    /// The instant of a wall-clock time, by the same conventions as [`utc`].
    pub(crate) fn utc(&self, local: NaiveDateTime) -> DateTime<Utc> {
        match self {
            Self::Named(tz) => utc(*tz, local),
            Self::Own(changes) => {
                let after = changes.partition_point(|change| change.onset <= local);
                let offset = match after.checked_sub(1).map(|last| changes[last]) {
                    // Within the hour that the change skips the old offset still counts.
                    Some(last) if local - last.onset < seconds(last.to - last.from) => last.from,
                    Some(last) => last.to,
                    None => changes.first().map_or(0, |first| first.from),
                };
                (local - seconds(offset)).and_utc()
            }
        }
    }

    /// The wall-clock time of an instant.
    pub(crate) fn local(&self, at: DateTime<Utc>) -> NaiveDateTime {
        match self {
            Self::Named(tz) => at.with_timezone(tz).naive_local(),
            Self::Own(changes) => {
                let at = at.naive_utc();
                let after = changes.partition_point(|change| change.onset - seconds(change.from) <= at);
                let offset = match after.checked_sub(1) {
                    Some(last) => changes[last].to,
                    None => changes.first().map_or(0, |first| first.from),
                };
                at + seconds(offset)
            }
        }
    }
}

fn seconds(n: i32) -> Duration {
    Duration::seconds(i64::from(n))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn local(text: &str) -> NaiveDateTime {
        text.parse().unwrap()
    }

    /// A zone of a file's own gives the instants of the IANA zone whose changes it has, the skipped hour and the one
    /// that happens twice included.
    #[test]
    fn an_own_zone_agrees_with_the_database() {
        let change = |onset: &str, from: i32, to: i32| Change {
            onset: local(onset),
            from: from * 3600,
            to: to * 3600,
        };
        let changes = [
            change("2025-11-02T02:00:00", -4, -5),
            change("2026-03-08T02:00:00", -5, -4),
            change("2026-11-01T02:00:00", -4, -5),
        ];
        let (own, named) = (Zone::Own(changes.into()), Zone::Named(Tz::America__New_York));
        for minute in (0..60 * 24 * 290).step_by(15) {
            let at = local("2026-01-15T00:00:00") + Duration::minutes(minute);
            assert_eq!(own.utc(at), named.utc(at), "{at}");
            assert_eq!(own.local(at.and_utc()), named.local(at.and_utc()), "{at}");
        }
    }
}

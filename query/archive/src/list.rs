//! The list of a tenant's archived days of one view: which file holds each, and how far they reach.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use serde::{Deserialize, Serialize};

/// What the store holds of a day: enough to see whether rows came late.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// Rows, repeated ones included.
    pub rows: u64,
    /// A sum over the rows that does not depend on their order.
    pub hash: u64,
}

/// A day in the archive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Day {
    /// Its file, below the tenant's folder.
    pub file: String,
    /// Rows in it, each once.
    pub rows: u64,
    /// Its size in bytes.
    pub bytes: u64,
    /// BLAKE3 of its bytes, in hexadecimal digits.
    pub checksum: String,
    /// BLAKE3 of the checksums of its blocks, in hexadecimal digits.
    pub sums: String,
    /// What the store held when it was written.
    pub held: Held,
    /// When it was written.
    pub written_at: DateTime<Utc>,
}

/// A file that no list names any more and that somebody may still read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Retired {
    /// The file, below the tenant's folder.
    pub file: String,
    /// Since when no list names it.
    pub since: DateTime<Utc>,
}

/// All archived days of a view and a tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Days {
    /// The view.
    pub view: String,
    /// The tenant.
    pub tenant: String,
    /// Goes up with every change.
    pub number: u64,
    /// The first day that is kept; earlier ones were removed. Absent: none was.
    pub from: Option<NaiveDate>,
    /// The first day that is not archived: rows before it are read from the archive, and nowhere else.
    pub until: Option<NaiveDate>,
    /// The days that have rows.
    pub days: BTreeMap<NaiveDate, Day>,
    /// Files that wait for their last readers.
    pub retired: Vec<Retired>,
}

impl Days {
    /// An archive without days.
    pub fn none(view: &str, tenant: &str) -> Self {
        let (view, tenant) = (view.to_owned(), tenant.to_owned());
        Self { view, tenant, number: 0, from: None, until: None, days: BTreeMap::new(), retired: Vec::new() }
    }

    /// The boundary in nanoseconds since the epoch: rows before it are in the archive.
    pub fn boundary(&self) -> Option<i64> {
        self.until.map(midnight)
    }

    /// The days with rows in `from..to`, in nanoseconds since the epoch.
    pub fn within(&self, from: i64, to: i64) -> impl Iterator<Item = (NaiveDate, &Day)> {
        let meets = move |day: NaiveDate| {
            midnight(day) < to && day.succ_opt().is_none_or(|next| midnight(next) > from)
        };
        self.days.iter().filter(move |(day, _)| meets(**day)).map(|(day, entry)| (*day, entry))
    }

    /// Puts a day in, and retires the file that held it before.
    pub(crate) fn put(&mut self, day: NaiveDate, entry: Day, now: DateTime<Utc>) {
        if let Some(old) = self.days.insert(day, entry) {
            self.retired.push(Retired { file: old.file, since: now });
        }
    }

    /// Takes out the days before `first`.
    pub(crate) fn forget_before(&mut self, first: NaiveDate, now: DateTime<Utc>) {
        let kept = self.days.split_off(&first);
        let gone = std::mem::replace(&mut self.days, kept);
        self.retired.extend(gone.into_values().map(|day| Retired { file: day.file, since: now }));
        self.from = self.from.max(Some(first));
    }
}

/// When a day begins, in nanoseconds since the epoch; held at the edge where those do not fit.
pub fn midnight(day: NaiveDate) -> i64 {
    let at = day.and_time(NaiveTime::MIN).and_utc();
    let edge = if at.timestamp() < 0 { i64::MIN } else { i64::MAX };
    at.timestamp_nanos_opt().unwrap_or(edge)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 11, day).unwrap()
    }

    fn day(file: &str) -> Day {
        Day {
            file: file.to_owned(),
            rows: 1,
            bytes: 1,
            checksum: String::new(),
            sums: String::new(),
            held: Held { rows: 1, hash: 1 },
            written_at: DateTime::UNIX_EPOCH,
        }
    }

    #[test]
    fn a_range_meets_the_days_it_touches() {
        let mut days = Days::none("spans", "acme");
        for n in [1, 2, 4] {
            days.put(date(n), day(&n.to_string()), DateTime::UNIX_EPOCH);
        }
        let met = |from, to| days.within(from, to).map(|(day, _)| day).collect::<Vec<_>>();
        assert_eq!(met(midnight(date(2)), midnight(date(4))), [date(2)]);
        assert_eq!(met(midnight(date(2)) - 1, midnight(date(4)) + 1), [date(1), date(2), date(4)]);
        assert_eq!(met(midnight(date(3)), midnight(date(4))), []);
        assert_eq!(met(i64::MIN, i64::MAX).len(), 3);
    }

    #[test]
    fn what_is_replaced_or_forgotten_waits_for_its_readers() {
        let mut days = Days::none("spans", "acme");
        days.put(date(1), day("a"), DateTime::UNIX_EPOCH);
        days.put(date(1), day("b"), DateTime::UNIX_EPOCH);
        days.put(date(2), day("c"), DateTime::UNIX_EPOCH);
        days.forget_before(date(2), DateTime::UNIX_EPOCH);
        let retired: Vec<_> = days.retired.iter().map(|one| one.file.as_str()).collect();
        assert_eq!((retired, days.from), (vec!["a", "b"], Some(date(2))));
        assert_eq!(days.days.keys().copied().collect::<Vec<_>>(), [date(2)]);
    }
}

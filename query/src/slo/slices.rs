//! Measured minutes of objectives in ClickHouse: counted once from the roll-ups,
//! kept as rows, read by alerts, pages and reports.
//!
//! A gap is not a zero. A minute counts as seen when Headroom received any span or
//! business event of the tenant in it; a minute without requests of the objective
//! in such company is a true zero. Five minutes and more in which nothing at all arrived are
//! a gap: its minutes are written with coverage 0, so that budget and alerts know what they do not know.
//!
//! [`refresh`] compares what it counts with what is stored and writes only the
//! difference, so it may be called for any stretch at any time: for the last minutes
//! (late data) every few seconds, for older ones now and then. Who measures keeps what it has read and written
//! in [`Held`]. It never replaces
//! a seen minute by a gap, for raw data and roll-ups expire before slices do.

mod count;
mod held;
mod stored;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use headroom_store::Store;

pub use count::{Uncertainty, uncertainty};
pub use held::Held;
pub(super) use stored::FINE_SECONDS;
pub use stored::{Generation, generations, minutes, stored};

use super::budget::at;
use super::series::Slice;
use super::spec::{Indicator, Slo};
use crate::error::{QueryError, Result};
use crate::scan::{Compare, Filter, Literal};

/// Seconds after a minute's end before it is measured for the first time.
pub const DELAY_SECONDS: i64 = 60;

/// End of the newest minute that may be measured at `now`.
pub fn due_until(now: DateTime<Utc>) -> i64 {
    (now.timestamp() - DELAY_SECONDS).div_euclid(60) * 60
}

/// The minutes of `from <= minute < to`, in seconds since the epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stretch {
    /// The first minute.
    pub from: i64,
    /// The end of the last.
    pub to: i64,
}

impl Stretch {
    /// What of it lies in another; none if nothing does.
    pub fn within(self, other: Self) -> Option<Self> {
        let both = Self { from: self.from.max(other.from), to: self.to.min(other.to) };
        (both.from < both.to).then_some(both)
    }

    fn of(self, column: &str) -> Filter {
        Filter::And(vec![
            Filter::compare(column, Compare::GreaterEq, Literal::Time(at(self.from))),
            Filter::compare(column, Compare::Less, Literal::Time(at(self.to))),
        ])
    }
}

/// What a count found.
#[derive(Debug, Default)]
pub struct Refreshed {
    /// The slices that were written, by the objective's id.
    pub written: BTreeMap<String, Vec<Slice>>,
    /// Nothing was heard in the stretch, and nothing is stored of it.
    pub silent: bool,
    /// The objectives that could not be counted, with the reason.
    pub failed: Vec<(String, QueryError)>,
}

impl Refreshed {
    /// How many slices were written.
    pub fn slices(&self) -> usize {
        self.written.values().map(Vec::len).sum()
    }
}

/// Counts the minutes of each objective's stretch again and stores those that changed. `held` are the slices
/// of the newest days, where they are at hand; otherwise the store is asked what it has.
pub async fn refresh(
    store: &Store,
    tenant: &str,
    asked: &[(&Slo, Stretch)],
    held: Option<&Held>,
    now: DateTime<Utc>,
) -> Result<Refreshed> {
    let mut found = Refreshed::default();
    let asked: Vec<(&Slo, &Indicator, Stretch)> = asked
        .iter()
        .filter_map(|(slo, stretch)| Some((*slo, slo.indicator.as_ref().ok()?, *stretch)))
        .collect();
    let (Some(from), Some(to)) =
        (asked.iter().map(|one| one.2.from).min(), asked.iter().map(|one| one.2.to).max())
    else {
        return Ok(found);
    };
    let alive = count::alive_minutes(store, tenant, Stretch { from, to }).await?;
    let mut known = if let Some(held) = held {
        asked.iter().map(|one| (one.0.id.clone(), held.minutes(&one.0.id, one.2))).collect()
    } else {
        let wanted: Vec<(&Slo, Stretch)> = asked.iter().map(|one| (one.0, one.2)).collect();
        minutes(store, tenant, &wanted).await?
    };
    found.silent = alive.is_empty() && known.values().all(Vec::is_empty);
    for ((slo, indicator, stretch), counted) in counted(store, tenant, &asked).await {
        let counted = match counted {
            Ok(counted) => counted,
            Err(error) => {
                found.failed.push((slo.id.clone(), error));
                continue;
            }
        };
        // A metric that was not reported is not known, whatever else arrived.
        let reported: BTreeSet<i64> = counted.keys().copied().collect();
        let alive = if matches!(indicator, Indicator::Metric { .. }) { &reported } else { &alive };
        let changed = changes(&counted, &known.remove(&slo.id).unwrap_or_default(), alive, stretch);
        if !changed.is_empty() {
            found.written.insert(slo.id.clone(), changed);
        }
    }
    let written = asked.iter().filter_map(|one| Some((one.0, found.written.get(&one.0.id)?.as_slice())));
    stored::write(store, tenant, &written.collect::<Vec<_>>(), now).await?;
    Ok(found)
}

type Asked<'a> = (&'a Slo, &'a Indicator, Stretch);

/// The counts of each objective. When they cannot be had together, each is asked for by itself, so that one
/// that fails holds up no other.
async fn counted<'a>(
    store: &Store,
    tenant: &str,
    asked: &[Asked<'a>],
) -> Vec<(Asked<'a>, Result<count::ByMinute>)> {
    let questions: Vec<(&Indicator, Stretch)> = asked.iter().map(|one| (one.1, one.2)).collect();
    if let Ok(all) = count::counts(store, tenant, &questions).await {
        return asked.iter().copied().zip(all.into_iter().map(Ok)).collect();
    }
    let mut found = Vec::new();
    for (one, question) in asked.iter().zip(&questions) {
        let counts = count::counts(store, tenant, &[*question]).await;
        found.push((*one, counts.map(|mut counts| counts.pop().unwrap_or_default())));
    }
    found
}

/// The minutes whose counts differ from what is stored.
fn changes(
    counted: &BTreeMap<i64, (u64, u64)>,
    known: &[Slice],
    alive: &BTreeSet<i64>,
    Stretch { from, to }: Stretch,
) -> Vec<Slice> {
    let known: BTreeMap<i64, &Slice> = known.iter().map(|slice| (slice.start, slice)).collect();
    let first_alive = alive.range(from..to).next().copied();
    let first_known = known.keys().next().copied();
    let Some(first) = first_alive.into_iter().chain(first_known).min() else { return Vec::new() };
    let mut changed = Vec::new();
    let mut minute = first;
    while minute < to {
        let (good, total) = counted.get(&minute).copied().unwrap_or((0, 0));
        let observed = if alive.contains(&minute) || total > 0 { 1.0 } else { 0.0 };
        let slice = Slice { start: minute, seconds: 60, good, total, observed };
        let keep = known.get(&minute).is_some_and(|old| **old == slice || old.observed > observed);
        if !keep {
            changed.push(slice);
        }
        minute += 60;
    }
    changed
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slice(start: i64, good: u64, total: u64, observed: f64) -> Slice {
        Slice { start, seconds: 60, good, total, observed }
    }

    #[test]
    fn a_gap_is_not_a_zero() {
        let counted = BTreeMap::from([(60, (9, 10)), (240, (5, 5))]);
        let alive = BTreeSet::from([60, 120, 240]);
        let changed = changes(&counted, &[], &alive, Stretch { from: 0, to: 300 });
        // 0: before anything ever arrived; 120: alive and quiet; 180: nothing arrived at all.
        assert_eq!(
            changed,
            [slice(60, 9, 10, 1.0), slice(120, 0, 0, 1.0), slice(180, 0, 0, 0.0), slice(240, 5, 5, 1.0)]
        );
    }

    #[test]
    fn only_differences_are_written_and_expired_data_changes_nothing() {
        let known = [slice(60, 9, 10, 1.0), slice(120, 1, 1, 1.0), slice(180, 0, 0, 0.0)];
        let counted = BTreeMap::from([(60, (9, 10)), (180, (3, 4))]);
        let alive = BTreeSet::from([60, 180]);
        assert_eq!(changes(&counted, &known, &alive, Stretch { from: 60, to: 240 }), [slice(180, 3, 4, 1.0)]);
    }

    #[test]
    fn nothing_is_written_before_the_first_sign_of_life() {
        assert!(changes(&BTreeMap::new(), &[], &BTreeSet::new(), Stretch { from: 0, to: 600 }).is_empty());
    }

    #[test]
    fn a_minute_is_due_a_minute_after_its_end() {
        let at = |s| DateTime::from_timestamp(s, 0).unwrap_or_default();
        assert_eq!(due_until(at(600)), 540);
        assert_eq!(due_until(at(659)), 540);
        assert_eq!(due_until(at(660)), 600);
    }
}

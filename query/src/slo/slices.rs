//! Measured minutes of objectives in ClickHouse: counted once from the roll-ups,
//! kept as rows, read by alerts, pages and reports.
//!
//! A gap is not a zero. A minute counts as seen when Headroom received any span or
//! business event of the tenant in it; a minute without requests of the objective
//! in such company is a true zero. Five minutes and more in which nothing at all arrived are
//! a gap: its minutes are written with coverage 0, so that budget and alerts know what they do not know.
//!
//! [`refresh`] compares what it counts with what is stored and writes only the
//! difference, so it may be called for any range at any time: for the last minutes
//! (late data) every few seconds, for the whole window now and then. It never replaces
//! a seen minute by a gap, for raw data and roll-ups expire before slices do.

mod count;
mod stored;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use headroom_store::Store;

pub use count::{Uncertainty, alive_minutes, uncertainty};
pub use stored::{stored, stored_minutes};

use super::series::Slice;
use super::spec::{Indicator, Slo};
use crate::error::Result;

/// Seconds after a minute's end before it is measured for the first time.
pub const DELAY_SECONDS: i64 = 60;

/// End of the newest minute that may be measured at `now`.
pub fn due_until(now: DateTime<Utc>) -> i64 {
    (now.timestamp() - DELAY_SECONDS).div_euclid(60) * 60
}

/// Counts the minutes of `from <= minute < to` again and stores those that changed.
/// `alive` are the minutes in which anything arrived. Returns how many rows were written.
pub async fn refresh(
    store: &Store,
    tenant: &str,
    slo: &Slo,
    alive: &BTreeSet<i64>,
    (from, to): (i64, i64),
    now: DateTime<Utc>,
) -> Result<usize> {
    let Ok(indicator) = &slo.indicator else { return Ok(0) };
    let counted = count::counts(store, tenant, indicator, from, to).await?;
    // A metric that was not reported is not known, whatever else arrived.
    let reported: BTreeSet<i64> = counted.keys().copied().collect();
    let alive = if matches!(indicator, Indicator::Metric { .. }) { &reported } else { alive };
    let known = stored_minutes(store, tenant, slo, from, to).await?;
    let changed = changes(&counted, &known, alive, from, to);
    stored::write(store, tenant, slo, &changed, now).await?;
    Ok(changed.len())
}

/// The minutes whose counts differ from what is stored.
fn changes(
    counted: &BTreeMap<i64, (u64, u64)>,
    known: &[Slice],
    alive: &BTreeSet<i64>,
    from: i64,
    to: i64,
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
        let changed = changes(&counted, &[], &alive, 0, 300);
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
        assert_eq!(changes(&counted, &known, &alive, 60, 240), [slice(180, 3, 4, 1.0)]);
    }

    #[test]
    fn nothing_is_written_before_the_first_sign_of_life() {
        assert!(changes(&BTreeMap::new(), &[], &BTreeSet::new(), 0, 600).is_empty());
    }

    #[test]
    fn a_minute_is_due_a_minute_after_its_end() {
        let at = |s| DateTime::from_timestamp(s, 0).unwrap_or_default();
        assert_eq!(due_until(at(600)), 540);
        assert_eq!(due_until(at(659)), 540);
        assert_eq!(due_until(at(660)), 600);
    }
}

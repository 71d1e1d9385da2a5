#![allow(clippy::unwrap_used)]
use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;

use super::*;

fn of(durations: &[u64]) -> Buckets {
    durations.iter().map(|ns| (Buckets::index(*ns), 1)).collect()
}

/// Smallest duration that at least `q` of all do not exceed.
fn exact(sorted: &[u64], q: f64) -> u64 {
    let rank = (q * sorted.len() as f64).ceil().max(1.0) as usize;
    sorted[rank.min(sorted.len()) - 1]
}

#[test]
fn indexes_as_the_store_does() {
    for (ns, b) in [(0, -1), (1, -1), (2, 15), (3, 25), (1024, 159), (1025, 160), (1_000_000_000, 478)] {
        assert_eq!(Buckets::index(ns), b, "{ns} ns");
    }
}

#[test]
fn nothing_counted_has_no_quantile() {
    assert_eq!(Buckets::default().quantile(0.5), None);
    assert_eq!(of(&[5]).quantile(1.1), None);
    assert_eq!(of(&[5]).quantile(f64::NAN), None);
}

#[test]
fn one_value_lies_between_its_edges() {
    let p50 = of(&[1_000_000]).quantile(0.5).unwrap();
    assert!(p50.low_ns < 1_000_000.0 && 1_000_000.0 <= p50.high_ns, "{p50:?}");
    let middle = (p50.low_ns * p50.high_ns).sqrt();
    assert!((p50.high_ns / middle - 1.0) < RELATIVE_ERROR);
}

#[test]
fn a_heat_map_has_few_rows_and_loses_nothing() {
    let start: DateTime<Utc> = "2026-11-20T10:00:00Z".parse().unwrap();
    let columns: Vec<_> = (0..3).map(|i| start + TimeDelta::minutes(i)).collect();
    let by_step: BTreeMap<_, _> =
        [(columns[0], of(&[1, 900, 1_000])), (columns[2], of(&[1_000_000_000; 5]))].into();
    let map = lay_out(&by_step, columns, 60);
    assert!(map.rows.len() <= 40);
    assert_eq!(map.cells.iter().map(|cell| cell.2).sum::<u64>(), 8);
    assert_eq!((map.max, map.from, map.to), (5, start, start + TimeDelta::minutes(3)));
    let last = map.cells.last().unwrap();
    assert_eq!(last.0, 2);
    let row = &map.rows[last.1];
    assert!(row.low_ns < 1_000_000_000 && 1_000_000_000 <= row.high_ns);
    assert!(map.rows.windows(2).all(|pair| pair[0].high_ns == pair[1].low_ns));
}

#[test]
fn an_empty_heat_map_says_so() {
    let start: DateTime<Utc> = "2026-11-20T10:00:00Z".parse().unwrap();
    let map = lay_out(&BTreeMap::new(), vec![start], 60);
    assert!(map.rows.is_empty() && map.cells.is_empty());
    assert_eq!(map.max, 0);
}

#[test]
fn a_day_is_read_from_minutes_and_more_from_hours() {
    let now: DateTime<Utc> = "2026-11-20T10:00:00Z".parse().unwrap();
    let of_hours = |hours| TimeRange::last(TimeDelta::hours(hours), now).unwrap();
    assert_eq!(Source::of(&of_hours(24)).table(), "latency_buckets_1m");
    assert_eq!(Source::of(&of_hours(25)).table(), "latency_buckets_1h");
    let odd = of_hours(24);
    let odd = TimeRange { from: odd.from + TimeDelta::seconds(13), to: odd.to + TimeDelta::seconds(13) };
    assert_eq!(Source::of(&odd.aligned(60)), Source::of(&odd), "widening to whole rows changes no source");
    assert_eq!(Source::Minutes.step_seconds(TimeDelta::seconds(61), &of_hours(1)), 120);
    assert_eq!(Source::Hours.step_seconds(TimeDelta::seconds(1), &of_hours(240)), 3600);
    assert_eq!(counted_kinds(["server", "client"].into_iter()).into_iter().collect::<Vec<_>>(), ["server"]);
    assert_eq!(counted_kinds(["internal", "client"].into_iter()).len(), 2);
}

proptest! {
    #[test]
    fn the_exact_quantile_lies_between_the_same_edges(mut durations in prop::collection::vec(0_u64..10_000_000_000, 1..300), q in 0.0_f64..=1.0) {
        let estimate = of(&durations).quantile(q).unwrap();
        durations.sort_unstable();
        let exact = exact(&durations, q) as f64;
        prop_assert!(estimate.low_ns <= exact && exact <= estimate.high_ns * (1.0 + 1e-12), "{exact} {estimate:?}");
        prop_assert!(estimate.low_ns <= estimate.value_ns && estimate.value_ns <= estimate.high_ns);
        if exact >= 1.0 && estimate.low_ns > 0.0 {
            // Any two places in one bucket are at most two half-widths apart.
            prop_assert!((estimate.value_ns / exact - 1.0).abs() <= 2.0 * RELATIVE_ERROR + 0.001);
        }
    }

    #[test]
    fn quantiles_rise_with_q(durations in prop::collection::vec(0_u64..10_000_000_000, 1..300), a in 0.0_f64..=1.0, b in 0.0_f64..=1.0) {
        let buckets = of(&durations);
        let (low, high) = (a.min(b), a.max(b));
        prop_assert!(buckets.quantile(low).unwrap().value_ns <= buckets.quantile(high).unwrap().value_ns);
    }

    #[test]
    fn merging_is_counting_together(a in prop::collection::vec(0_u64..10_000_000_000, 0..100), b in prop::collection::vec(0_u64..10_000_000_000, 0..100)) {
        let mut merged = of(&a);
        merged.merge(&of(&b));
        let together: Vec<u64> = a.iter().chain(&b).copied().collect();
        prop_assert_eq!(merged, of(&together));
    }

    #[test]
    fn a_bucket_holds_its_durations(ns in 1_u64..u64::MAX / 2) {
        let b = Buckets::index(ns);
        prop_assert!(Buckets::low_ns(b) <= ns as f64 * (1.0 + 1e-12));
        prop_assert!(ns as f64 <= Buckets::high_ns(b) * (1.0 + 1e-12));
    }

    #[test]
    fn every_count_finds_its_cell(durations in prop::collection::vec((0_i64..50, 0_u64..100_000_000_000), 0..200)) {
        let start: DateTime<Utc> = "2026-11-20T10:00:00Z".parse().unwrap();
        let columns: Vec<_> = (0..50).map(|i| start + TimeDelta::minutes(i)).collect();
        let mut by_step: BTreeMap<DateTime<Utc>, Buckets> = BTreeMap::new();
        for (minute, ns) in &durations {
            by_step.entry(start + TimeDelta::minutes(*minute)).or_default().add(Buckets::index(*ns), 1);
        }
        let map = lay_out(&by_step, columns, 60);
        prop_assert!(map.rows.len() <= 40);
        prop_assert_eq!(map.cells.iter().map(|cell| cell.2).sum::<u64>(), durations.len() as u64);
        prop_assert!(map.cells.iter().all(|cell| cell.0 < 50 && cell.1 < map.rows.len()));
    }
}

proptest! {
    /// Whole hours and the minutes around them are the range, each part once.
    #[test]
    fn a_cut_is_the_whole_range(start in 0_i64..200_000, length in 60_i64..86_400) {
        let at = |second: i64| DateTime::from_timestamp(1_700_000_000 + second, 0).unwrap();
        let range = TimeRange::new(at(start), at(start + length)).unwrap().aligned(60);
        let cut = Cut::new(range, Source::Minutes);
        let mut parts = cut.minutes().to_vec();
        parts.extend(cut.hours());
        parts.sort_by_key(|part| part.from);
        prop_assert_eq!((parts[0].from, parts[parts.len() - 1].to), (range.from, range.to));
        prop_assert!(parts.windows(2).all(|two| two[0].to == two[1].from));
        if let Some(hours) = cut.hours() {
            prop_assert_eq!(hours.aligned(3600), hours);
            prop_assert!(cut.minutes().iter().all(|edge| edge.length() < TimeDelta::hours(1)));
        } else {
            prop_assert!(range.length() < TimeDelta::hours(4));
        }
    }
}

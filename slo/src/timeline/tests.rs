#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use super::*;
use crate::counting::{Counting, Exclusion};
use crate::testing::slo;

/// What the slices that count add up to, one by one.
fn plain(slo: &Slo, slices: &[Slice], from: i64, to: i64) -> Tally {
    let mask = slo.counting.mask(from - 86_400 * 365, to + 1);
    let counted: Vec<Slice> = slices.iter().copied().filter(|slice| mask.counts(slice.start)).collect();
    let inside: Vec<Slice> =
        counted.iter().copied().filter(|slice| (from..to).contains(&slice.start)).collect();
    let since = counted.first().map_or(to, |slice| slice.start.max(from));
    let minutes = |from: i64| (from..to).step_by(60).filter(|minute| mask.counts(*minute)).count() as f64;
    let mut tally = Tally { expected: minutes(since), length: minutes(from), ..Tally::default() };
    tally.observed = inside.iter().map(|slice| slice.observed).sum();
    tally.requests = inside.iter().map(|slice| slice.total as f64).sum();
    let (seconds, share): (i64, &dyn Fn(f64) -> f64) = match slo.method {
        Method::Occurrences => {
            tally.good = inside.iter().map(|slice| slice.good as f64).sum();
            tally.total = tally.requests;
            return tally;
        }
        Method::Timeslices { target, seconds } => {
            (seconds, &move |ratio| if ratio >= target { 1.0 } else { 0.0 })
        }
        Method::RatioTimeslices { seconds } => (seconds, &|ratio| ratio),
    };
    for group in inside.chunk_by(|a, b| a.start.div_euclid(seconds) == b.start.div_euclid(seconds)) {
        let there: i64 = group.iter().map(|slice| slice.seconds).sum();
        let observed: f64 = group.iter().map(|slice| slice.observed).sum();
        if observed * 60.0 < there as f64 / 2.0 {
            continue;
        }
        let good: u64 = group.iter().map(|slice| slice.good).sum();
        let total: u64 = group.iter().map(|slice| slice.total).sum();
        tally.total += 1.0;
        tally.good += share(if total == 0 { 1.0 } else { good as f64 / total as f64 });
    }
    tally
}

fn near(a: &Tally, b: &Tally) -> bool {
    let pairs = [
        (a.good, b.good),
        (a.total, b.total),
        (a.observed, b.observed),
        (a.expected, b.expected),
        (a.length, b.length),
        (a.requests, b.requests),
    ];
    pairs.iter().all(|(a, b)| (a - b).abs() < 1e-9)
}

proptest! {
    #[test]
    fn running_sums_are_the_plain_sums(
        counts in prop::collection::vec((0_u64..50, 0_u64..50, prop::bool::weighted(0.8), prop::bool::weighted(0.9)), 1..400),
        method in prop::sample::select(vec![
            Method::Occurrences,
            Method::Timeslices { target: 0.5, seconds: 60 },
            Method::Timeslices { target: 0.7, seconds: 300 },
            Method::RatioTimeslices { seconds: 420 },
        ]),
        masked in any::<bool>(), from in -20_i64..400, length in 0_i64..420,
    ) {
        let mut slo = slo(0.99, "7d", method);
        if masked {
            let lines = ["1969-12-31T23:00 90m", "1970-01-01T02:30 45m", "1970-01-01T05:00 1h"];
            let exclusions = lines.iter().map(|line| Exclusion::parse(line).unwrap()).collect();
            slo.counting = Counting { venue: None, exclusions };
        }
        let slices: Vec<Slice> = counts.iter().enumerate().filter(|(_, (.., there))| *there).map(|(minute, (good, bad, seen, _))| Slice {
            start: minute as i64 * 60, seconds: 60, good: *good, total: good + bad, observed: f64::from(u8::from(*seen)),
        }).collect();
        let line = Timeline::new(&slo, &Series::new(slices.clone()));
        let (from, to) = (from * 60, (from + length) * 60);
        let (got, want) = (line.between(from, to), plain(&slo, &slices, from, to));
        prop_assert!(near(&got, &want), "{got:?} {want:?}");
        let asked = length * 60;
        let last = line.last(to, asked);
        prop_assert!((last.length * 60.0 - asked as f64).abs() < 1e-9, "a length is a length of time that counts");
        prop_assert!(masked || near(&last, &line.between(to - asked, to)));
    }
}

#[test]
fn an_hour_of_sessions_reaches_into_the_day_before() {
    let mut slo = slo(0.999, "30d", Method::Occurrences);
    slo.counting.venue = Some(std::sync::Arc::new(headroom_calendar::Venue::builtin("XNYS").unwrap()));
    let time = |text: &str| text.parse::<chrono::DateTime<chrono::Utc>>().unwrap().timestamp();
    // Everything fails at night, one in ten on Monday morning, nothing else.
    let (monday, end) = (time("2026-06-08T13:30:00Z"), time("2026-06-08T13:40:00Z"));
    let slices = (time("2026-04-01T00:00:00Z")..end).step_by(60).map(|start| {
        let trading = slo.counting.mask(start, start + 60).counts(start);
        let good = if start >= monday {
            90
        } else if trading {
            100
        } else {
            0
        };
        Slice { start, seconds: 60, good, total: 100, observed: 1.0 }
    });
    let line = Timeline::new(&slo, &Series::new(slices.collect()));
    let hour = line.last(end, 3_600);
    assert_eq!((hour.bad(), hour.total, hour.length), (100.0, 6_000.0, 60.0));
    // 19 sessions and ten minutes in 30 days: an hour is a larger part of the budget.
    assert_eq!(line.length(), 19 * 23_400 + 600);
    assert!((line.rules(0.999)[0].threshold - 0.1 * line.length() as f64 / 3_600.0).abs() < 1e-9);
    assert_eq!(line.ahead(end, 3_600.0), Some(end + 3_600));
    assert_eq!(line.ahead(end, 23_400.0), Some(time("2026-06-09T13:40:00Z")));
}

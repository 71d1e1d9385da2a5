use super::distribution::{Buckets, Distribution};
use super::exemplars::{ExemplarRow, largest};
use super::fold::{Groups, lines};
use super::labels::labels;
use super::measure::{step_seconds, usual};
use super::*;
use crate::counters::Amount;
use chrono::TimeDelta;
use proptest::prelude::*;
use std::collections::BTreeMap;

fn explicit(bounds: &[f64], counts: &[f64]) -> Distribution {
    Distribution {
        count: counts.iter().sum(),
        sum: Some(0.0),
        buckets: Buckets::Explicit { bounds: bounds.to_vec(), counts: counts.to_vec() },
    }
}

fn exponential(scale: i32, positive: &[(i32, f64)]) -> Distribution {
    Distribution {
        count: positive.iter().map(|(_, n)| n).sum(),
        sum: Some(0.0),
        buckets: Buckets::Exponential {
            scale,
            negative: BTreeMap::new(),
            zero: 0.0,
            threshold: 0.0,
            positive: positive.iter().copied().collect(),
        },
    }
}

#[test]
fn a_quantile_lies_within_its_bucket_in_proportion() {
    // 10 values up to 1, 20 up to 2, 10 up to 4: the 20th of 40 is the 10th of 20 between 1 and 2.
    let median = explicit(&[1.0, 2.0, 4.0], &[10.0, 20.0, 10.0, 0.0]).quantile(0.5).unwrap();
    assert_eq!((median.value, median.low, median.high), (1.5, Some(1.0), Some(2.0)));
    let p99 = explicit(&[1.0, 2.0, 4.0], &[10.0, 20.0, 9.0, 1.0]).quantile(0.99).unwrap();
    assert_eq!((p99.value, p99.low, p99.high), (4.0, Some(4.0), None), "the last bound, or more");
    let below = explicit(&[-1.0, 1.0], &[5.0, 0.0, 0.0]).quantile(0.5).unwrap();
    assert_eq!((below.value, below.low, below.high), (-1.0, None, Some(-1.0)));
    assert_eq!(explicit(&[], &[7.0]).quantile(0.5), None, "without bounds nothing is known");
    assert_eq!(explicit(&[1.0], &[0.0, 0.0]).quantile(0.5), None);
    // Scale 0: bucket 3 is what is above 8 and at most 16. Half way by its factor is 8 times the root of 2.
    let p50 = exponential(0, &[(3, 4.0)]).quantile(0.5).unwrap();
    assert!((p50.value - 8.0 * 2f64.sqrt()).abs() < 1e-9, "{p50:?}");
    assert_eq!((p50.low, p50.high), (Some(8.0), Some(16.0)));
}

#[test]
fn different_shapes_meet_where_both_are_true() {
    let mut both = explicit(&[1.0, 2.0, 4.0], &[1.0, 2.0, 3.0, 4.0]);
    both.add(&explicit(&[2.0, 8.0], &[10.0, 20.0, 30.0]));
    assert_eq!(both.buckets, Buckets::Explicit { bounds: vec![2.0], counts: vec![13.0, 57.0] });
    let mut both = exponential(1, &[(-1, 1.0), (4, 2.0), (5, 3.0)]);
    both.add(&exponential(0, &[(2, 10.0)]));
    let Buckets::Exponential { scale, positive, .. } = &both.buckets else { panic!("{both:?}") };
    assert_eq!((*scale, positive.clone()), (0, BTreeMap::from([(-1, 1.0), (2, 15.0)])));
}

#[test]
fn counts_that_fell_are_a_new_start() {
    let (before, after) = (explicit(&[1.0], &[5.0, 1.0]), explicit(&[1.0], &[7.0, 1.0]));
    assert_eq!(after.since(&before).unwrap().buckets, explicit(&[1.0], &[2.0, 0.0]).buckets);
    assert_eq!(before.since(&after), None);
    assert_eq!(explicit(&[1.0], &[2.0, 9.0]).since(&before), None, "one bucket fell");
}

proptest! {
    #[test]
    fn what_is_added_is_taken_off_again(a in counts(), b in counts()) {
        let mut both = a.clone();
        both.add(&b);
        let back = both.since(&a).unwrap();
        prop_assert_eq!(back.count, b.count);
        prop_assert_eq!(back.quantile(0.9), b.quantile(0.9));
    }

    #[test]
    fn a_quantile_is_between_the_edges_of_its_bucket(a in counts(), q in 0.0..=1.0) {
        if let Some(found) = a.quantile(q) {
            prop_assert!(found.low.is_none_or(|low| low <= found.value));
            prop_assert!(found.high.is_none_or(|high| found.value <= high));
        }
    }
}

fn counts() -> impl Strategy<Value = Distribution> {
    prop::collection::vec(0..1000u32, 4).prop_map(|counts| {
        explicit(&[0.5, 1.0, 2.0], &counts.iter().map(|n| f64::from(*n)).collect::<Vec<_>>())
    })
}

#[test]
fn what_makes_no_sense_is_refused_in_a_sentence() {
    let refusals: Vec<String> = [
        (Kind::Gauge, false, Aggregation::Rate),
        (Kind::Gauge, false, Aggregation::P99),
        (Kind::Counter, false, Aggregation::Avg),
        (Kind::UpDownCounter, true, Aggregation::Max),
        (Kind::Histogram, false, Aggregation::Min),
        (Kind::Summary, false, Aggregation::P90),
    ]
    .into_iter()
    .map(|(kind, delta, asked)| {
        let error = kind.check(delta, asked, "m").unwrap_err();
        format!("{error}; {}", error.hint())
    })
    .collect();
    insta::assert_snapshot!(refusals.join("\n"));
    for kind in [Kind::Gauge, Kind::Counter, Kind::Histogram] {
        assert!(kind.offered(false).iter().all(|one| kind.check(false, *one, "m").is_ok()), "{kind:?}");
    }
    assert!(Aggregation::parse("median").unwrap_err().hint().starts_with("use one of avg, sum"));
}

#[test]
fn the_largest_lines_are_told_and_the_others_where_they_add_up() {
    let figure = |value| super::distribution::Quantile { value, low: None, high: None };
    let groups = || -> Groups {
        (0..10)
            .map(|i| (format!("l{i}"), BTreeMap::from([(0, figure(99.0)), (5, figure(f64::from(i)))])))
            .collect()
    };
    let (told, other, left_out) = lines(groups(), 1, 60, Aggregation::Rate);
    assert_eq!((told.len(), left_out, told[0].label.as_str()), (8, 2, "l9"));
    assert_eq!(told[0].points.len(), 1, "what was read before the range is no part of it");
    assert_eq!(other.unwrap().points[0].value, 1.0, "0 and 1");
    assert_eq!(lines(groups(), 1, 60, Aggregation::Avg).1, None, "means do not add up");
}

#[test]
fn labels_that_all_agree_in_tell_nothing_apart() {
    let pair = |key: &str, value: &str, series| (key.to_owned(), value.to_owned(), series);
    let pairs = [pair("zone", "eu", 4), pair("host", "a", 3), pair("host", "b", 1), pair("cached", "yes", 1)];
    let found = labels(pairs.into_iter(), 4);
    let keys: Vec<_> = found.iter().map(|label| (label.key.as_str(), label.values)).collect();
    assert_eq!(keys, [("cached", 1), ("host", 2)]);
    assert_eq!((found[1].top[0].value.as_str(), found[1].top[0].series), ("a", 3));
}

#[test]
fn steps_are_not_shorter_than_reports() {
    let second = 1_000_000_000;
    assert_eq!(usual([(600 * second, 11), (600 * second, 11), (0, 1)].into_iter()), 60);
    assert_eq!(usual([(0, 1)].into_iter()), 0);
    let wanted = TimeDelta::seconds;
    assert_eq!(
        (step_seconds(wanted(60), 15), step_seconds(wanted(60), 61), step_seconds(wanted(10), 30)),
        (60, 120, 30)
    );
}

#[test]
fn exemplars_lead_to_traces_once_each() {
    let row = ExemplarRow {
        times: vec![1, 2, 3, 4],
        values: vec![1.0, 5.0, 9.0, f64::NAN],
        traces: ["aa", "aa", "00", "bb"].map(str::to_owned).to_vec(),
        spans: ["01", "02", "03", "04"].map(str::to_owned).to_vec(),
    };
    let found = largest(vec![row]);
    assert_eq!(found.iter().map(|one| (one.value, one.span_id.as_str())).collect::<Vec<_>>(), [(5.0, "02")]);
}

fn sql_of(kind: Kind) -> String {
    let at = |second| chrono::DateTime::from_timestamp(second, 0).unwrap();
    let range = TimeRange::new(at(1_000_000_000), at(1_000_003_600)).unwrap();
    let selected = Selected {
        service: Some("order".to_owned()),
        labels: vec![("host.name".to_owned(), "it's".to_owned())],
    };
    let points = of_kind(selected.points("acme", kind.table(), "m", &range), kind)
        .key(crate::scan::Key::new(label("region"), "label"))
        .key(crate::scan::Key::new(crate::counters::time_series(), "part"))
        .key(crate::scan::Key::bucket("ts", 60, "at"));
    let scan = match kind {
        Kind::Gauge => numbers::levels(points),
        Kind::Counter | Kind::UpDownCounter => numbers::sums(points),
        _ => distributions::histograms(points, kind),
    };
    scan.sql("t")
}

#[test]
fn sql_of_each_kind() {
    for kind in [Kind::Gauge, Kind::Counter, Kind::Histogram, Kind::ExponentialHistogram, Kind::Summary] {
        insta::assert_snapshot!(format!("sql_of_{kind:?}"), sql_of(kind));
    }
}

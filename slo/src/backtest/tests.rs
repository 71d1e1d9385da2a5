use proptest::prelude::*;

use super::*;
use crate::promise::Promise;
use crate::rules::{detection_seconds, rules};
use crate::series::{Series, Slice};
use crate::spec::Method;
use crate::testing::slo;
use crate::timeline::Timeline;

const HOUR: i64 = 3_600;

/// Minutes of 1,000 requests, of which in each so many fail.
fn history(failures: impl Iterator<Item = u64>) -> Series {
    let minute = |(n, bad): (i64, u64)| Slice {
        start: n * 60,
        seconds: 60,
        good: 1_000 - bad,
        total: 1_000,
        observed: 1.0,
    };
    Series::new((0..).zip(failures).map(minute).collect())
}

/// Without the gate, which asks for more failures than the thresholds alone.
fn tested(target: f64, series: &Series) -> Backtest {
    let slo = slo(target, "30d", Method::Occurrences);
    let line = Timeline::new(&slo, series);
    let measured = Measured::new(Promise::One(&slo), |_| Some(&line)).expect("slices");
    backtest(&measured, &measured.rules(), 1.0, (0, i64::MAX / 8))
}

#[test]
fn an_outage_of_half_an_hour() {
    // Three days of nothing, half an hour in which half of the requests fail, and a day of nothing.
    let (calm, bad) = (3 * 1_440, 30);
    let series = history(
        (0..calm + bad + 1_440).map(|minute| if (calm..calm + bad).contains(&minute) { 500 } else { 0 }),
    );
    let found = tested(0.999, &series);
    assert_eq!(found.steps, (calm + bad + 1_440) as usize);
    let rule = |n: usize| &found.rules[n];
    for history in &found.rules {
        // It fires in the minute in which the long window reaches the threshold, as the formula has it.
        let after = detection_seconds(&history.rule, 0.999, 0.5).unwrap_or_default();
        let minutes = (after / 60.0 - 1e-9).ceil() as i64;
        assert_eq!(
            (history.fired.count, history.fired.first),
            (1, Some(at((calm + minutes) * 60))),
            "{:?}",
            history.rule
        );
        assert!(!history.fired.open);
    }
    // The short window of 5 minutes is calm five minutes after the end, and calm for three more.
    assert_eq!(rule(0).fired.seconds, (bad - 2 + 5 + 3) * 60);
    assert_eq!(rule(1).fired.seconds, (bad - 5 + 30 + 3) * 60);
    // Together: one page from the first rule to the last one's end, then the ticket of what it cost.
    assert_eq!((found.pages.count, found.pages.first), (1, rule(0).fired.first));
    assert_eq!(found.pages.seconds, (bad - 2 + 30 + 3) * 60);
    assert_eq!(found.tickets.first, Some(at((calm + bad + 30 + 3) * 60)));
}

/// The published table for 99.9 % and 30 days: minutes from the start of a steady error rate until 1 h at 14.4, 6 h at
/// 6, 24 h at 3 and 72 h at 1 fire.
#[test]
fn published_detection_times_come_out_of_the_machine() {
    let table: [(u64, [Option<f64>; 4]); 7] = [
        (1_000, [Some(0.86), Some(2.16), Some(4.32), Some(4.32)]),
        (100, [Some(8.64), Some(21.6), Some(43.2), Some(43.2)]),
        (50, [Some(17.3), Some(43.2), Some(86.4), Some(86.4)]),
        (20, [Some(43.2), Some(108.0), Some(216.0), Some(216.0)]),
        (10, [None, Some(216.0), Some(432.0), Some(432.0)]),
        (5, [None, None, Some(864.0), Some(864.0)]),
        (2, [None, None, None, Some(2_160.0)]),
    ];
    let calm = 3 * 1_440;
    for (bad, row) in table {
        let found =
            tested(0.999, &history((0..calm + 2_200).map(|minute| if minute < calm { 0 } else { bad })));
        let minutes = found
            .rules
            .iter()
            .map(|history| history.fired.first.map(|first| (first.timestamp() / 60 - calm) as f64));
        let whole_minutes = row.map(|minutes| minutes.map(f64::ceil));
        assert_eq!(minutes.collect::<Vec<_>>(), whole_minutes, "{bad} of 1,000");
    }
}

#[test]
fn what_goes_on_is_open_and_what_was_not_seen_is_nothing() {
    let series = history((0..4 * 1_440).map(|_| 2));
    let found = tested(0.999, &series);
    // A burn of 2: only the rule of three days fires, when 90 % of them were seen.
    let counts: Vec<usize> = found.rules.iter().map(|history| history.fired.count).collect();
    assert_eq!(counts, [0, 0, 0, 1]);
    let fired = found.rules[3].fired;
    let first = (f64::from(72 * 60) * 0.9) as i64 * 60;
    assert_eq!((fired.first, fired.open, fired.seconds), (Some(at(first)), true, 96 * HOUR - first));
    assert_eq!((found.pages.count, found.tickets), (0, fired));
    let nothing = tested(0.999, &Series::default());
    assert_eq!((nothing.from, nothing.steps, nothing.pages), (None, 0, Episodes::default()));
}

#[test]
fn the_gate_keeps_one_failure_of_a_small_service_quiet() {
    // One request a minute, of which one in a day fails: 16.7 times the allowed rate of an hour.
    let minute =
        |n: i64| Slice { start: n * 60, seconds: 60, good: u64::from(n != 1_000), total: 1, observed: 1.0 };
    let series = Series::new((0..1_440).map(minute).collect());
    let slo = slo(0.999, "30d", Method::Occurrences);
    let line = Timeline::new(&slo, &series);
    let measured = Measured::new(Promise::One(&slo), |_| Some(&line)).expect("slices");
    let pages =
        |significance: f64| backtest(&measured, &measured.rules(), significance, (0, 1_440 * 60)).pages.count;
    assert_eq!((pages(1.0), pages(1e-3)), (1, 0));
}

proptest! {
    #[test]
    fn episodes_lie_within_the_history(failures in prop::collection::vec((0_u64..200, 1_usize..90), 1..30), from in 0_i64..1_000) {
        let series = history(failures.iter().flat_map(|(bad, minutes)| std::iter::repeat_n(*bad, *minutes)));
        let slo = slo(0.99, "7d", Method::Occurrences);
        let line = Timeline::new(&slo, &series);
        let all = rules(7 * 86_400, 0.99);
        let measured = Measured::new(Promise::One(&slo), |_| Some(&line)).expect("slices");
        let found = backtest(&measured, &all, 1e-3, (from * 60, i64::MAX / 8));
        let length = found.from.zip(found.until).map_or(0, |(from, until)| (until - from).num_seconds());
        let episodes: Vec<Episodes> = found.rules.iter().map(|history| history.fired).chain([found.pages, found.tickets]).collect();
        for fired in episodes {
            prop_assert!(fired.seconds >= 0 && fired.seconds <= length);
            prop_assert_eq!(fired.count == 0, fired.first.is_none());
            prop_assert!(fired.first <= fired.last);
            prop_assert!(fired.first.is_none() || fired.first >= found.from);
        }
        let loud = found.rules.iter().filter(|history| Track::of(history.rule.severity) == Track::Page);
        prop_assert_eq!(loud.filter_map(|history| history.fired.first).min(), found.pages.first);
    }
}

#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use super::*;
use crate::series::{Series, Slice};
use crate::testing::slo;
use crate::words::sentence;

fn slice(minute: i64, good: u64, total: u64) -> Slice {
    Slice { start: minute * 60, seconds: 60, good, total, observed: 1.0 }
}

/// `minutes` slices of (good, total), the first `attacked` of them with another pair.
fn attack(minutes: i64, calm: (u64, u64), attacked: i64, bad: (u64, u64)) -> Series {
    Series::new(
        (0..minutes)
            .map(|m| {
                let (g, t) = if m < attacked { bad } else { calm };
                slice(m, g, t)
            })
            .collect(),
    )
}

const FORTNIGHT: i64 = 14 * 1440;

fn remaining(target: f64, method: Method, series: &Series) -> f64 {
    let slo = slo(target, "14d", method);
    budget(&slo, &Timeline::new(&slo, series), series.watermark().unwrap()).unwrap().remaining
}

#[test]
fn openslo_budgeting_methods() {
    // Two weeks, 24,000 requests a day (100 in 6 minutes here: 1 per 3.6 s), 95 %, an attack with 1 % good.
    // Occurrences: 336,000 requests allow 16,800 failures; 16,632 of 16,800 attacked requests fail.
    let requests = Series::new(vec![slice(0, 168, 16_800), slice(1, 319_200, 319_200)]);
    let occurrences = slo(0.95, "14d", Method::Occurrences);
    let tally = Timeline::new(&occurrences, &requests).window(120);
    assert_eq!((tally.bad(), tally.total), (16_632.0, 336_000.0));
    let left = remaining(0.95, Method::Occurrences, &requests);
    assert!((left - 0.01).abs() < 1e-9, "168 of 16,800 failures left: {left}");

    // Timeslices: the budget is 1008 of 20,160 minutes, 16 h 48 m.
    let method = Method::Timeslices { target: 0.95, seconds: 60 };
    assert!(remaining(0.95, method, &attack(FORTNIGHT, (99, 100), 1008, (1, 100))).abs() < 1e-9);
    assert!(remaining(0.95, method, &attack(FORTNIGHT, (99, 100), 1009, (1, 100))) < 0.0);

    // RatioTimeslices: calm minutes are 99 % good, so 822.86 minutes (13 h 43 m) spend it.
    let method = Method::RatioTimeslices { seconds: 60 };
    assert!(remaining(0.95, method, &attack(FORTNIGHT, (99, 100), 822, (1, 100))) > 0.0);
    assert!(remaining(0.95, method, &attack(FORTNIGHT, (99, 100), 823, (1, 100))) < 0.0);
}

#[test]
fn a_week_at_99_95_allows_5_minutes_and_2_4_seconds() {
    let seconds = (1.0 - 0.9995) * 7.0 * 86_400.0;
    assert!((seconds - 302.4_f64).abs() < 1e-6);
    let method = Method::Timeslices { target: 0.9, seconds: 60 };
    let slo = slo(0.9995, "7d", method);
    let left = |bad: i64| {
        let series = attack(7 * 1440, (10, 10), bad, (0, 10));
        budget(&slo, &Timeline::new(&slo, &series), 7 * 86_400).unwrap().remaining
    };
    assert!(left(5) > 0.0 && left(6) < 0.0);
}

#[test]
fn budget_is_signed_and_not_clamped() {
    let series = attack(FORTNIGHT, (100, 100), FORTNIGHT, (0, 100));
    assert!((remaining(0.999, Method::Occurrences, &series) + 999.0).abs() < 1e-6);
}

#[test]
fn unavailable_has_a_reason() {
    let now = at(FORTNIGHT * 60 + 90);
    let slo = slo(0.99, "14d", Method::Occurrences);
    let reason = |series: &Series, now| assess(&slo, &Timeline::new(&slo, series), now).budget.unwrap_err();
    assert_eq!(reason(&Series::default(), now), "nothing has been measured yet");
    assert_eq!(
        reason(&attack(FORTNIGHT, (0, 0), 0, (0, 0)), now),
        "nothing was requested of order within 14d"
    );
    assert_eq!(
        reason(&attack(FORTNIGHT, (2, 1), 0, (0, 0)), now),
        "more was counted good than there was; the indicator counts different things"
    );
    let stale = reason(&attack(FORTNIGHT, (1, 1), 0, (0, 0)), now + TimeDelta::minutes(10));
    assert!(stale.contains("stale"), "{stale}");
    let gaps = Series::new(
        (0..FORTNIGHT)
            .map(|m| Slice { observed: f64::from(u8::from(m % 2 == 0)), ..slice(m, 1, 1) })
            .collect(),
    );
    assert_eq!(reason(&gaps, now), "only 50 % of the minutes were seen; a figure needs 90 %");
}

#[test]
fn exhaustion_counts_what_is_left() {
    // 30 days at 99.9 %: 0.5 ‰ failed for all but the last hour, 10 ‰ in the last hour.
    let minutes = 30 * 1440;
    let series = Series::new(
        (0..minutes).map(|m| slice(m, if m >= minutes - 60 { 9_900 } else { 9_995 }, 10_000)).collect(),
    );
    let slo = slo(0.999, "30d", Method::Occurrences);
    let end = at(minutes * 60);
    let found = assess(&slo, &Timeline::new(&slo, &series), end + TimeDelta::seconds(60));
    let figures = found.budget.clone().unwrap();
    assert!((figures.remaining - (0.5 - 9.5 / 720.0)).abs() < 1e-9, "{figures:?}");
    let hours = (figures.exhausts_at.unwrap() - end).num_seconds() as f64 / 3_600.0;
    assert!(
        (hours - figures.remaining * 720.0 / 10.0).abs() < 0.01,
        "{hours}: what is left, not the whole 72 h"
    );
    insta::assert_snapshot!(sentence(&slo, &found), @"Burning 10.0x too fast; at this pace the budget of 30 days is gone on Sunday 11:03 UTC. 49 % of the budget of 30 days is left.");
}

#[test]
fn sentences() {
    let slo = slo(0.99, "14d", Method::Occurrences);
    let say = |series: &Series| {
        sentence(&slo, &assess(&slo, &Timeline::new(&slo, series), at(FORTNIGHT * 60 + 60)))
    };
    let of = |bad: &dyn Fn(i64) -> u64| {
        Series::new((0..FORTNIGHT).map(|m| slice(m, 1_000 - bad(FORTNIGHT - m), 1_000)).collect())
    };
    insta::assert_snapshot!(say(&of(&|_| 0)), @"Nothing failed in the last hour. 100 % of the budget of 14 days is left.");
    insta::assert_snapshot!(say(&of(&|_| 5)), @"Burning at 0.50x the allowed rate. 50 % of the budget of 14 days is left.");
    insta::assert_snapshot!(say(&of(&|_| 15)), @"Burning 1.5x too fast. The budget of 14 days is spent, by 50 % of its size over.");
    insta::assert_snapshot!(say(&of(&|ago| if (10..40).contains(&ago) { 500 } else { 0 })), @"Burned 25.0x too fast over the last hour, back below the allowed rate in the last 5 minutes. 93 % of the budget of 14 days is left.");
    insta::assert_snapshot!(say(&Series::default()), @"No figure: nothing has been measured yet.");
}

#[test]
fn a_burn_needs_its_whole_window_and_a_budget_does_not() {
    let slo = slo(0.99, "14d", Method::Occurrences);
    let of = |minutes: i64| {
        assess(&slo, &Timeline::new(&slo, &attack(minutes, (98, 100), 0, (0, 0))), at(minutes * 60 + 60))
    };
    let known = |found: &Assessment| -> Vec<&str> {
        found.burn.iter().filter(|(_, burn)| burn.is_some()).map(|(name, _)| *name).collect()
    };
    let found = of(120);
    assert_eq!(known(&found), ["5m", "30m", "1h", "2h"]);
    assert_eq!((found.coverage, found.budget.as_ref().unwrap().total), (Some(1.0), 12_000.0));
    assert_eq!(known(&of(53)), ["5m", "30m"]);
    assert_eq!(known(&of(54)), ["5m", "30m", "1h"], "90 % of an hour");
    insta::assert_snapshot!(sentence(&slo, &found), @"Burning 2.0x too fast. The budget of 14 days is spent, by 100 % of its size over (measured since 1 January 00:00 UTC).");
    insta::assert_snapshot!(sentence(&slo, &of(53)), @"Less than 90 % of the last hour was seen, too little for a burn rate. The budget of 14 days is spent, by 100 % of its size over (measured since 1 January 00:00 UTC).");
}

/// January 2026 in UTC; series begin with it.
fn january(target: f64, method: Method) -> (Slo, i64) {
    let start = chrono::NaiveDate::from_ymd_opt(2026, 1, 1).unwrap().and_time(chrono::NaiveTime::MIN);
    let calendar = crate::window::Calendar { start, zone: chrono_tz::Tz::UTC };
    let month = crate::spec::Span::parse("1M").unwrap();
    let window = crate::window::Window::new("1M", month, Some(calendar));
    (Slo { window, ..slo(target, "1d", method) }, start.and_utc().timestamp() / 60)
}

/// Minutes of 10,000 requests from a minute on, with so many failures each.
fn failing(first: i64, failures: impl Iterator<Item = u64>) -> Series {
    Series::new(failures.zip(first..).map(|(bad, minute)| slice(minute, 10_000 - bad, 10_000)).collect())
}

#[test]
fn slices_to_come_count_in_a_calendar_month() {
    // 99.9 % of January's 44,640 minutes leaves 44.64 bad ones; 5 of two days' minutes were.
    let (slo, first) = january(0.999, Method::Timeslices { target: 0.99, seconds: 60 });
    let series = failing(first, (0..2 * 1_440).map(|minute| if minute < 5 { 10_000 } else { 0 }));
    let found = assess(&slo, &Timeline::new(&slo, &series), at(series.watermark().unwrap() + 60));
    let figures = found.budget.clone().unwrap();
    assert!((figures.remaining - (1.0 - 5.0 / 44.64)).abs() < 1e-9, "{figures:?}");
    assert_eq!((figures.total, found.young), (2_880.0, false));
    // By requests those so far decide: 5 of 2,880 minutes failed, of which 2.88 may.
    let (slo, _) = january(0.999, Method::Occurrences);
    let line = Timeline::new(&slo, &series);
    let found = budget(&slo, &line, line.watermark().unwrap()).unwrap();
    assert!((found.remaining - (1.0 - 5.0 / 2.88)).abs() < 1e-9, "{found:?}");
}

#[test]
fn a_calendar_month_is_exhausted_when_it_says_or_begins_anew() {
    // 0.5 ‰ failed for ten days and 4 ‰ in the last hour; then it goes on like that until nothing is left.
    for method in [Method::Occurrences, Method::RatioTimeslices { seconds: 60 }] {
        let (slo, first) = january(0.999, method);
        let minutes = 10 * 1_440;
        let so_far = move |minute: i64| if minute >= minutes - 60 { 40 } else { 5 };
        let series = failing(first, (0..minutes).map(so_far));
        let end = series.watermark().unwrap();
        let found = assess(&slo, &Timeline::new(&slo, &series), at(end + 60));
        let gone = found.budget.unwrap().exhausts_at.unwrap().timestamp();
        let later = failing(first, (0..31 * 1_440).map(so_far));
        let line = Timeline::new(&slo, &later);
        let left = |second: i64| budget(&slo, &line, second.div_euclid(60) * 60).unwrap().remaining;
        assert!(
            left(gone) >= -1e-9 && left(gone + 60) < 0.0,
            "{method:?}: {} {}",
            left(gone),
            left(gone + 60)
        );
        // On the last day there is no time left to spend what is left.
        let series =
            failing(first, (0..30 * 1_440).map(|minute| if minute >= 30 * 1_440 - 60 { 20 } else { 0 }));
        let end = series.watermark().unwrap();
        let found = assess(&slo, &Timeline::new(&slo, &series), at(end + 60));
        assert_eq!((found.burn("1h").unwrap().round(), found.budget.unwrap().exhausts_at), (2.0, None));
    }
}

#[test]
fn a_burn_looks_back_beyond_the_start_of_the_month() {
    let (slo, first) = january(0.999, Method::Occurrences);
    let end = first + 30;
    let series = failing(first - 600, (0..630).map(|_| 20));
    let found = assess(&slo, &Timeline::new(&slo, &series), at(end * 60 + 60));
    assert_eq!(found.burn("6h").map(f64::round), Some(2.0));
    assert_eq!(found.budget.unwrap().total, 300_000.0, "of half an hour");
    assert!(slo.history_from(end * 60) <= (first - 3 * 1_440) * 60);
}

proptest! {
    #[test]
    fn remaining_is_the_formula_and_burn_spends_it(minutes in 1_i64..400, seed in prop::collection::vec((0_u64..50, 0_u64..50), 400), target in 0.5_f64..0.9999) {
        let slices: Vec<Slice> = (0..minutes).map(|m| { let (a, b) = seed[m as usize]; slice(m, a.min(b), b) }).collect();
        let series = Series::new(slices.clone());
        let slo = slo(target, "14d", Method::Occurrences);
        let line = Timeline::new(&slo, &series);
        let tally = line.between(0, minutes * 60);
        if let Ok(found) = budget(&slo, &line, minutes * 60) {
            let status = tally.good / tally.total;
            prop_assert!((found.remaining - (status - target) / (1.0 - target)).abs() < 1e-6);
            prop_assert!((found.remaining - (1.0 - tally.burn(target))).abs() < 1e-6);
            prop_assert!(found.remaining <= 1.0 + 1e-12);
        } else { prop_assert_eq!(tally.total, 0.0) }
    }

    #[test]
    fn adding_up_to_hours_changes_no_sum(seed in prop::collection::vec((0_u64..50, 0_u64..50), 1..400)) {
        let fine: Vec<Slice> = seed.iter().enumerate().map(|(m, (a, b))| slice(m as i64, *a.min(b), *b)).collect();
        let coarse = fine.chunk_by(|a, b| a.start / 3_600 == b.start / 3_600).map(|hour| Slice {
            start: hour[0].start,
            seconds: hour.len() as i64 * 60,
            good: hour.iter().map(|s| s.good).sum(),
            total: hour.iter().map(|s| s.total).sum(),
            observed: hour.len() as f64,
        }).collect();
        let end = fine.len() as i64 * 60;
        let (fine, coarse) = (Series::new(fine), Series::new(coarse));
        let slo = slo(0.99, "14d", Method::Occurrences);
        let tally = |series: &Series| Timeline::new(&slo, series).between(0, end);
        prop_assert_eq!(tally(&fine), tally(&coarse));
        prop_assert_eq!(fine.watermark(), coarse.watermark());
    }

    #[test]
    fn any_order_gives_the_same_series(seed in prop::collection::vec((0_u64..9, 0_u64..9), 1..60), rotate in 0_usize..60) {
        let slices: Vec<Slice> = seed.iter().enumerate().map(|(m, (a, b))| slice(m as i64, *a, *b)).collect();
        let mut turned = slices.clone();
        turned.rotate_left(rotate % slices.len());
        prop_assert_eq!(Series::new(slices), Series::new(turned));
    }
}

#![allow(clippy::unwrap_used)]

use chrono::{Datelike, Timelike};

use super::*;
use headroom_calendar::{EventClass, Venue};

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn venue(mic: &str) -> Venue {
    Venue::builtin(mic).unwrap()
}

fn context(calendar: Calendar) -> Context {
    Context {
        calendar: Arc::new(calendar),
        service: "gateway".into(),
        horizon: Duration::days(15),
        signals: Vec::new(),
    }
}

/// A repeatable ripple of a few per cent that no model may foresee.
fn ripple(ts: DateTime<Utc>) -> f64 {
    let mut mixed = (ts.timestamp() as u64 / 60).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    1.0 + ((mixed ^ (mixed >> 31)) % 1000) as f64 / 1000.0 * 0.2 - 0.1
}

/// Requests per minute of a platform that serves New York: 1000 in session, 4000 in its first quarter, 100 else.
fn new_york(ts: DateTime<Utc>) -> f64 {
    let venue = venue("XNYS");
    let local = ts.with_timezone(&venue.tz);
    let base = match venue.session(local.date_naive()) {
        Some(s) if s.open <= ts && ts < s.open + Duration::minutes(15) => 4000.0,
        Some(s) if s.open <= ts && ts < s.close => 1000.0,
        _ => 100.0,
    };
    base * ripple(ts)
}

/// The same for Mumbai, half as large.
fn mumbai(ts: DateTime<Utc>) -> f64 {
    let venue = venue("XNSE");
    let local = ts.with_timezone(&venue.tz);
    let open = venue.session(local.date_naive()).is_some_and(|s| s.open <= ts && ts < s.close);
    (if open { 500.0 } else { 20.0 }) * ripple(ts)
}

fn series(from: &str, days: i64, demand: impl Fn(DateTime<Utc>) -> Option<f64>) -> Series {
    let start = at(from);
    let values = (0..days * 288).map(|i| demand(start + Duration::minutes(i * 5))).collect();
    Series { start, step_minutes: 5, values }
}

fn single(mic: &str) -> CalendarModel {
    CalendarModel::new(PhaseCalendar::Venues(vec![venue(mic)]))
}

#[test]
fn the_open_stays_at_half_past_nine_when_summer_time_begins() {
    // Summer time begins on 8 March 2026: the open moves from 14:30 to 13:30 UTC.
    let history = series("2026-02-09T00:00:00Z", 28, |ts| Some(new_york(ts)));
    let fit = single("XNYS").fit(&history, &context(Calendar::new(vec![venue("XNYS")], false))).unwrap();
    assert!(fit.predict(at("2026-03-09T13:25:00Z")).median() < 200.0);
    let open = fit.predict(at("2026-03-09T13:30:00Z"));
    assert!((3500.0..4500.0).contains(&open.median()), "{open:?}");
    assert!((900.0..1100.0).contains(&fit.predict(at("2026-03-09T14:30:00Z")).median()));
    assert!(fit.predict(at("2026-03-14T14:30:00Z")).median() < 200.0, "Saturday");
    assert!(fit.predict(at("2026-03-20T19:55:00Z")).median() > 800.0, "two weeks ahead");
    for quantiles in
        (0..2000).map(|i| fit.predict(at("2026-03-09T00:00:00Z") + Duration::minutes(i * 5)).quantiles)
    {
        assert!(quantiles.windows(2).all(|w| w[0] <= w[1]) && quantiles[0] >= 0.0, "{quantiles:?}");
    }
}

#[test]
fn outages_and_gaps_leave_the_forecast_alone() {
    let broken = |ts: DateTime<Utc>| match ts.day() {
        24 if ts.month() == 2 => Some(new_york(ts) * 0.02),
        26 if ts.hour() > 12 => None,
        _ => Some(new_york(ts)),
    };
    let history = series("2026-02-09T00:00:00Z", 18, broken);
    let fit = single("XNYS").fit(&history, &context(Calendar::new(vec![venue("XNYS")], false))).unwrap();
    let median = fit.predict(at("2026-02-27T16:00:00Z")).median();
    assert!((900.0..1100.0).contains(&median), "{median}");
}

#[test]
fn an_event_is_learned_from_its_past_and_guessed_before() {
    let decisions = ["2026-02-11", "2026-02-18", "2026-02-25", "2026-03-04", "2026-03-11"];
    let mut calendar = Calendar::new(vec![venue("XNYS")], false);
    for day in decisions {
        let text = format!(
            "[[event]]\nclass = \"rate_decision\"\nname = \"decision\"\nvenue = \"XNYS\"\nstart = \"{day}T14:00\"\nduration_minutes = 60\n"
        );
        calendar.add_toml("test", &text).unwrap();
    }
    let all =
        calendar.events(at("2026-02-01T00:00:00Z"), at("2026-03-20T00:00:00Z"), at("2026-03-20T00:00:00Z"));
    let moved = |factor: f64| {
        let events: Vec<_> = all.iter().filter(|e| e.class == EventClass::RateDecision).cloned().collect();
        move |ts: DateTime<Utc>| {
            let during = events.iter().any(|e| e.start <= ts && ts < e.end());
            Some(new_york(ts) * if during { factor } else { 1.0 })
        }
    };
    let context = context(calendar);
    let target = at("2026-03-11T18:10:00Z");
    // Four occurrences of 5x, shrunk towards the prior of 2.5x: (4 log 5 + 2 log 2.5) / 6 is a factor of 3.97. That
    // the shrunken multiplier fell short each time is in the residuals, and lifts the quantiles.
    let learned = single("XNYS").fit(&series("2026-02-09T00:00:00Z", 28, moved(5.0)), &context).unwrap();
    let ratio = learned.predict(target).median() / 1000.0;
    assert!((3.9..5.1).contains(&ratio), "{ratio}");
    let prediction = learned.predict(target);
    assert_eq!(prediction.events[0].0.name, "decision");
    assert!((3.5..4.5).contains(&prediction.events[0].1));
    assert!(prediction.at(0.95) > 4800.0, "the upper quantiles reach what was seen: {prediction:?}");
    let unseen = single("XNYS").fit(&series("2026-03-05T00:00:00Z", 4, moved(5.0)), &context).unwrap();
    let ratio = unseen.predict(target).median() / 1000.0;
    assert!((2.2..2.8).contains(&ratio), "{ratio}");
}

#[test]
fn a_service_of_two_venues_gets_the_blend() {
    let calendar = Calendar::new(vec![venue("XNYS"), venue("XNSE")], false);
    // Over the change to summer time in New York, Mumbai's day stays; 26 January is a holiday in Mumbai only.
    let history = series("2026-02-16T00:00:00Z", 28, |ts| Some(new_york(ts) + mumbai(ts)));
    let context = context(calendar);
    let promotion = promote::best(&history, &context).unwrap();
    let figures: Vec<_> = promotion
        .reports
        .iter()
        .map(|r| (r.name.as_str(), r.figure(), r.all.wape(), r.all.pinball()))
        .collect();
    assert!(promotion.forecaster.name().ends_with("(XNYS+XNSE)"), "{figures:#.4?}");
    let fit = promotion.forecaster.fit(&history, &context).unwrap();
    assert!((500.0..750.0).contains(&fit.predict(at("2026-03-17T05:00:00Z")).median()));
    // 26 March 2026 is a holiday in Mumbai, and an ordinary day in New York.
    assert!(fit.predict(at("2026-03-26T05:00:00Z")).median() < 200.0);
    assert!(fit.predict(at("2026-03-26T15:00:00Z")).median() > 900.0);
}

#[test]
fn demand_that_knows_no_session_goes_by_the_clock_or_the_week() {
    let calendar = Calendar::new(vec![venue("XNYS")], false);
    let weekly = |ts: DateTime<Utc>| {
        let hour = f64::from(ts.hour());
        let day = f64::from(ts.weekday().num_days_from_monday());
        Some((300.0 + 100.0 * (hour / 24.0 * std::f64::consts::TAU).sin() + 80.0 * day) * ripple(ts))
    };
    let promotion = promote::best(&series("2026-02-09T00:00:00Z", 28, weekly), &context(calendar)).unwrap();
    let name = promotion.forecaster.name();
    assert!(["seasonal-naive(7d)", "ridge(XNYS)"].contains(&name.as_str()), "{name}");
    assert_eq!(promotion.reports.len(), 7);
}

#[test]
fn without_history_there_is_no_forecast_but_a_reason() {
    let calendar = context(Calendar::new(vec![venue("XNYS")], false));
    let short = series("2026-03-09T00:00:00Z", 1, |ts| (ts.hour() < 2).then_some(10.0));
    let refused = single("XNYS").fit(&short, &calendar).err().unwrap();
    assert_eq!(refused.0, "gateway has 120 minutes of measured history; a forecast needs at least 720");
    let silent = series("2026-03-09T00:00:00Z", 2, |_| Some(0.0));
    assert_eq!(
        single("XNYS").fit(&silent, &calendar).err().unwrap().0,
        "gateway received no requests in its history"
    );
}

#[test]
fn the_level_follows_what_comes_in_and_an_outage_hardly_lowers_it() {
    let history = series("2026-02-09T00:00:00Z", 21, |ts| Some(new_york(ts)));
    let context = context(Calendar::new(vec![venue("XNYS")], false));
    let observed = |factor: f64| {
        let mut fit = single("XNYS").fit(&history, &context).unwrap();
        let start = history.end() + Duration::hours(15);
        let values = (0..24).map(|i| Some(new_york(start + Duration::minutes(i * 5)) * factor)).collect();
        fit.observe(&Series { start, step_minutes: 5, values });
        (fit.predict(at("2026-03-02T17:05:00Z")).median(), fit.predict(at("2026-03-04T17:00:00Z")).median())
    };
    let (near, far) = observed(2.0);
    assert!((1500.0..2300.0).contains(&near), "{near}");
    assert!(far < near, "a surge fades: {near} {far}");
    let (near, _) = observed(0.01);
    assert!(near > 450.0, "{near}");
}

#[test]
fn coverage_of_the_back_test_is_what_the_quantiles_promise() {
    let history = series("2026-01-05T00:00:00Z", 40, |ts| Some(new_york(ts)));
    let context = context(Calendar::new(vec![venue("XNYS")], false));
    let origins: Vec<_> = (1..=8).rev().map(|d| history.end() - Duration::days(d)).collect();
    let report = backtest::run(&single("XNYS"), &history, &context, &origins, Duration::days(1), 2).unwrap();
    let coverage = report.all.coverage();
    for (measured, promised) in coverage.iter().zip(QUANTILES) {
        assert!((measured - promised).abs() < 0.06, "{coverage:?}");
    }
    assert!(report.all.wape() < 0.08, "{}", report.all.wape());
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(24))]

    #[test]
    fn whatever_the_history_quantiles_are_finite_and_in_order(
        values in proptest::collection::vec(proptest::option::weighted(0.9, proptest::prop_oneof![0.0..3.0, 0.0..5000.0]), 300..900),
        step in proptest::sample::select(vec![5u32, 15, 60]),
        ahead in 0i64..14 * 1440,
    ) {
        let history = Series { start: at("2026-02-27T00:00:00Z"), step_minutes: step, values };
        let context = context(Calendar::new(vec![venue("XNYS"), venue("XNSE")], true));
        for candidate in promote::candidates(&context) {
            let Ok(mut fit) = candidate.fit(&history, &context) else { continue };
            for observed in [false, true] {
                if observed {
                    fit.observe(&history);
                }
                let quantiles = fit.predict(history.end() + Duration::minutes(ahead)).quantiles;
                proptest::prop_assert!(quantiles.iter().all(|q| q.is_finite() && *q >= 0.0), "{} {quantiles:?}", candidate.name());
                proptest::prop_assert!(quantiles.windows(2).all(|w| w[0] <= w[1]));
            }
        }
    }
}

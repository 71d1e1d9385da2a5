//! A service that has just begun.

use std::sync::Arc;

use chrono::{DateTime, Duration, Utc};
use headroom_calendar::{Calendar, Venue};
use headroom_forecast::{Context, Series, outlook};

const STEP: i64 = 10;

fn start() -> DateTime<Utc> {
    "2026-08-31T00:00:00Z".parse().unwrap()
}

/// A repeatable draw in [0, 1).
fn chance(ts: DateTime<Utc>) -> f64 {
    let mut mixed = (ts.timestamp() as u64 / 60).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    ((mixed ^ (mixed >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
}

/// 1000 while New York trades, 200 else.
fn usual(venue: &Venue, ts: DateTime<Utc>) -> f64 {
    let base = match venue.session(ts.with_timezone(&venue.tz).date_naive()) {
        Some(session) if session.open <= ts && ts < session.close => 1000.0,
        _ => 200.0,
    };
    base * (0.9 + 0.2 * chance(ts))
}

fn context(venues: Vec<Venue>) -> Context {
    let calendar = Arc::new(Calendar::new(venues, false));
    Context { calendar, service: "gateway".into(), horizon: Duration::days(8), signals: Vec::new() }
}

fn history(days: i64, value: impl Fn(DateTime<Utc>) -> Option<f64>) -> Series {
    let values = (0..days * 1440 / STEP).map(|i| value(start() + Duration::minutes(i * STEP))).collect();
    Series { start: start(), step_minutes: STEP as u32, values }
}

#[test]
fn a_new_service_is_forecast_from_its_first_day_and_told_to_be_weak() {
    let venue = Venue::builtin("XNYS").unwrap();
    for days in [1, 2, 5] {
        let young = history(days, |ts| Some(usual(&venue, ts)));
        let made = outlook::of(&young, &context(vec![venue.clone()]), "1d".parse().unwrap()).unwrap();
        assert!(made.weak.iter().any(|why| why.contains("days of history")), "{:?}", made.weak);
        let noon = young.end() + Duration::hours(17);
        let point = made.points.iter().find(|point| point.ts == noon).unwrap();
        assert!(point.median() > 500.0 && point.quantiles[4] > 1100.0, "{days} days: {point:?}");
    }
}

/// One step in twenty holds a batch, at any time of day.
#[test]
fn batches_that_come_now_and_then_are_in_the_upper_quantiles() {
    let batch = |ts| if chance(ts) < 0.05 { 1000.0 } else { 0.0 };
    let series = history(30, |ts| Some(batch(ts)));
    let made = outlook::of(&series, &context(Vec::new()), "1d".parse().unwrap()).unwrap();
    let mean = |i: usize| made.points.iter().map(|p| p.quantiles[i]).sum::<f64>() / made.points.len() as f64;
    assert!(mean(0) < 10.0, "most steps are empty: {}", mean(0));
    assert!(mean(4) > 500.0 && mean(4) < 5000.0, "one in twenty is not: {}", mean(4));
    assert!(mean(5) < 20_000.0, "nothing is far beyond what was seen: {}", mean(5));
}

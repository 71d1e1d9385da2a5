#![allow(clippy::unwrap_used)]

use chrono::Timelike;

use super::*;
use headroom_calendar::{Calendar, Venue};

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn context(venues: Vec<Venue>) -> Context {
    let calendar = Arc::new(Calendar::new(venues, false));
    Context { calendar, service: "gateway".into(), horizon: Duration::days(3), signals: Vec::new() }
}

/// A repeatable draw between -1 and 1.
fn noise(ts: DateTime<Utc>) -> f64 {
    let mut mixed = (ts.timestamp() as u64 / 60).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    ((mixed ^ (mixed >> 31)) % 20_001) as f64 / 10_000.0 - 1.0
}

/// 100 at night and 300 at noon, with noise of a tenth.
fn daily(ts: DateTime<Utc>) -> f64 {
    let hour = f64::from(ts.num_seconds_from_midnight()) / 3600.0;
    (200.0 - 100.0 * (hour / 24.0 * std::f64::consts::TAU).cos()) * (1.0 + 0.1 * noise(ts))
}

fn series(days: i64, demand: impl Fn(DateTime<Utc>) -> Option<f64>) -> Series {
    let start = at("2026-02-02T00:00:00Z");
    let values = (0..days * 96).map(|i| demand(start + Duration::minutes(i * 15))).collect();
    Series { start, step_minutes: 15, values }
}

fn fitted(history: &Series) -> Box<dyn Fitted> {
    RidgeModel::new(PhaseCalendar::Clock).fit(history, &context(Vec::new())).unwrap()
}

#[test]
fn a_new_level_is_followed_at_once_and_an_outage_is_not() {
    let until = series(21, |ts| Some(daily(ts)));
    let changed = until.end() - Duration::hours(6);
    let now = until.end() + Duration::minutes(30);
    let usual = fitted(&until).predict(now).median();
    let tripled = series(21, |ts| Some(daily(ts) * if ts >= changed { 3.0 } else { 1.0 }));
    let followed = fitted(&tripled).predict(now).median() / usual;
    assert!((2.2..3.5).contains(&followed), "{followed}");
    let broken = series(21, |ts| Some(if ts >= changed { 0.0 } else { daily(ts) }));
    let held = fitted(&broken).predict(now).median() / usual;
    assert!(held > 0.8, "{held}");
}

#[test]
fn what_is_observed_moves_the_forecast_as_a_new_fit_would() {
    let level =
        |ts: DateTime<Utc>| 1.0 + 0.4 * ((ts - at("2026-02-02T00:00:00Z")).num_hours() as f64 / 50.0).sin();
    let whole = series(28, |ts| Some(daily(ts) * level(ts)));
    let mut model = fitted(&whole.before(at("2026-02-27T00:00:00Z")));
    for day in 27..=29 {
        let until = at("2026-02-27T00:00:00Z") + Duration::days(day - 27);
        model.observe(&whole.before(until).since(until - Duration::days(2)));
    }
    let known = whole.before(at("2026-03-01T00:00:00Z"));
    let anew = fitted(&known);
    for hours in [1, 6, 12, 23] {
        let ts = known.end() + Duration::hours(hours);
        let (followed, refitted) = (model.predict(ts).median(), anew.predict(ts).median());
        assert!((followed / refitted - 1.0).abs() < 0.1, "{hours} h: {followed} {refitted}");
    }
}

#[test]
fn quantiles_cover_what_they_promise() {
    let whole = series(50, |ts| Some(daily(ts)));
    let mut covered = [0_u32; 6];
    let mut points = 0;
    for day in 35..50 {
        let history = whole.before(whole.start + Duration::days(day));
        let model = fitted(&history);
        for (index, value) in whole.since(history.end()).values.iter().take(96).enumerate() {
            let quantiles = model.predict(history.end() + Duration::minutes(index as i64 * 15)).quantiles;
            points += 1;
            for (count, quantile) in covered.iter_mut().zip(quantiles) {
                *count += u32::from(value.unwrap() <= quantile);
            }
        }
    }
    for (count, promised) in covered.into_iter().zip(crate::QUANTILES) {
        let share = f64::from(count) / f64::from(points);
        assert!((share - promised).abs() < 0.04, "{promised}: {share}");
    }
}

#[test]
fn a_market_s_nights_take_no_time_and_its_open_moves_with_summer_time() {
    let venue = Venue::builtin("XNYS").unwrap();
    let traded = |ts: DateTime<Utc>| {
        let session = venue.session(ts.with_timezone(&venue.tz).date_naive())?;
        let open = session.open <= ts && ts < session.close;
        open.then(|| (1000.0 - (ts - session.open).num_minutes() as f64) * (1.0 + 0.05 * noise(ts)))
    };
    let history = series(33, traded);
    assert_eq!(history.end(), at("2026-03-07T00:00:00Z"));
    let model = RidgeModel::new(PhaseCalendar::Venues(vec![venue.clone()]));
    let fit = model.fit(&history, &context(vec![venue.clone()])).unwrap();
    // Summer time begins on Sunday 8 March; the session of the Monday opens at 13:30 UTC.
    let median = |ts: &str| fit.predict(at(ts)).median();
    assert!(
        (median("2026-03-09T13:30:00Z") / 1000.0 - 1.0).abs() < 0.1,
        "{}",
        median("2026-03-09T13:30:00Z")
    );
    assert!((median("2026-03-09T19:30:00Z") / 640.0 - 1.0).abs() < 0.1, "{}", median("2026-03-09T19:30:00Z"));
}

#[test]
fn sessions_are_kept_over_a_half_day_in_steps_of_any_length() {
    let xnys = || Venue::builtin("XNYS").unwrap();
    let venue = xnys();
    let start = at("2026-11-16T00:00:00Z");
    let demand = |ts: DateTime<Utc>| {
        let session = venue.session(ts.with_timezone(&venue.tz).date_naive());
        let base = if session.is_some_and(|s| s.open <= ts && ts < s.close) { 600.0 } else { 60.0 };
        base * (1.0 + 0.1 * noise(ts))
    };
    for step in [1, 5, 15] {
        let sum = |i: i64| (0..step).map(|m| demand(start + Duration::minutes(i * step + m))).sum();
        let values = (0..18 * 1440 / step).map(|i| Some(sum(i))).collect();
        let history = Series { start, step_minutes: step as u32, values };
        let model = RidgeModel::new(PhaseCalendar::Venues(vec![xnys()]));
        let fitted = model.fit(&history, &context(vec![xnys()])).unwrap();
        for (ts, wanted) in [("2026-12-04T17:00:00Z", 600.0), ("2026-12-04T05:00:00Z", 60.0)] {
            let median = fitted.predict(at(ts)).median() / step as f64;
            assert!((median / wanted - 1.0).abs() < 0.1, "{step} min, {ts}: {median}");
        }
    }
}

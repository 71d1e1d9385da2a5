use std::sync::Arc;

use chrono::Timelike;
use headroom_calendar::{Calendar, Venue};

use super::*;
use crate::challengers::testing::{context, monday, series};

/// From -1 to 1, the same for the same minute, without a pattern a model could find.
fn chance(ts: DateTime<Utc>) -> f64 {
    let mut mixed = (ts.timestamp() as u64 / 60).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    ((mixed ^ (mixed >> 31)) % 2001) as f64 / 1000.0 - 1.0
}

fn daily(ts: DateTime<Utc>) -> f64 {
    let hour = f64::from(ts.hour()) + f64::from(ts.minute()) / 60.0;
    1000.0 + 600.0 * (hour / 24.0 * std::f64::consts::TAU).sin()
}

#[test]
fn a_daily_wave_with_noise_is_foreseen_with_its_spread() {
    let (mut error, mut steps, mut covered) = (0.0, 0.0, [0.0; 6]);
    for world in 0..4 {
        let demand = |ts| daily(ts) * (1.0 + 0.2 * chance(ts + Duration::days(1000 * world)));
        let history = series(21, 10, |ts| Some(demand(ts)));
        let fit = Boosted.fit(&history, &context()).unwrap();
        for step in 0..144 * 3 {
            let ts = history.end() + Duration::minutes(step * 10);
            let prediction = fit.predict(ts);
            error += (prediction.median() / daily(ts) - 1.0).abs();
            for (covered, q) in covered.iter_mut().zip(prediction.quantiles) {
                *covered += f64::from(u8::from(demand(ts) <= q));
            }
            steps += 1.0;
        }
    }
    assert!(error / steps < 0.05, "{}", error / steps);
    for (covered, promised) in covered.iter().zip(QUANTILES) {
        assert!((covered / steps - promised).abs() < 0.04, "{promised}: {}", covered / steps);
    }
}

#[test]
fn an_event_of_every_day_at_another_hour_is_learned() {
    let mut calendar = Calendar::new(vec![Venue::builtin("XNYS").unwrap()], false);
    let start = |day: i64| monday() + Duration::days(day) + Duration::hours(6 + (day * 5) % 13);
    for day in 0..32 {
        let text = format!(
            "[[event]]\nclass = \"custom\"\nname = \"campaign\"\nvenue = \"XNYS\"\nstart = \"{}\"\nduration_minutes = 60\nmultiplier = 1.0\n",
            start(day).with_timezone(&Venue::builtin("XNYS").unwrap().tz).format("%Y-%m-%dT%H:%M")
        );
        calendar.add_toml("test", &text).unwrap();
    }
    let context = Context { calendar: Arc::new(calendar), ..context() };
    let history = series(30, 10, |ts| {
        let on = (0..32).any(|day| start(day) <= ts && ts < start(day) + Duration::hours(1));
        Some(1000.0 * (1.0 + 0.1 * chance(ts)) * if on { 3.0 } else { 1.0 })
    });
    let fit = Boosted.fit(&history, &context).unwrap();
    let during = fit.predict(start(30) + Duration::minutes(20)).median();
    let before = fit.predict(start(30) - Duration::minutes(40)).median();
    assert!((2400.0..3400.0).contains(&during), "{during}");
    assert!((850.0..1200.0).contains(&before), "{before}");
}

#[test]
fn the_level_follows_without_a_new_fit() {
    let history = series(21, 10, |ts| Some(daily(ts) * (1.0 + 0.1 * chance(ts))));
    let mut fit = Boosted.fit(&history, &context()).unwrap();
    let ts = history.end() + Duration::hours(30);
    let before = fit.predict(ts).median();
    let doubled = (0..144).map(|i| Some(daily(history.end() + Duration::minutes(i * 10)) * 2.0)).collect();
    fit.observe(&Series { start: history.end(), step_minutes: 10, values: doubled });
    let after = fit.predict(ts).median();
    assert!((1.6..2.4).contains(&(after / before)), "{before} -> {after}");
}

#[test]
fn a_short_history_is_refused_with_its_length() {
    let refused = Boosted.fit(&series(3, 10, |_| Some(5.0)), &context()).err().unwrap();
    assert_eq!(
        refused.0,
        "gateway has 144 steps to learn from after its first two days; boosting needs at least 400"
    );
}

#[test]
fn a_constant_series_is_foreseen_as_it_is() {
    let fit = Boosted.fit(&series(14, 10, |_| Some(40.0)), &context()).unwrap();
    let quantiles = fit.predict(monday() + Duration::days(20)).quantiles;
    assert!(quantiles.iter().all(|q| (q - 40.0).abs() < 1e-3), "{quantiles:?}");
}

#![allow(clippy::unwrap_used)]

use std::sync::Arc;

use headroom_calendar::Calendar;

use super::*;
use crate::{Context, Fitted, Forecaster, PhaseCalendar, RidgeModel};

const STEP: i64 = 10;

fn at(step: i64) -> DateTime<Utc> {
    "2026-02-02T00:00:00Z".parse::<DateTime<Utc>>().unwrap() + Duration::minutes(step * STEP)
}

/// Whether a burst is on: 30 minutes, at no fixed time of day.
fn burst(step: i64) -> bool {
    step.rem_euclid(97) < 3
}

fn series(from: i64, to: i64, value: impl Fn(i64) -> f64) -> Series {
    Series {
        start: at(from),
        step_minutes: STEP as u32,
        values: (from..to).map(|i| Some(value(i))).collect(),
    }
}

/// Demand that trebles one step after a burst, in a rhythm of its own.
fn demand(from: i64, to: i64) -> Series {
    series(from, to, |i| (1000.0 + (i * 37 % 100) as f64) * if burst(i - 1) { 3.0 } else { 1.0 })
}

/// A signal that is eight times its usual in a burst.
fn signal(from: i64, to: i64) -> Series {
    series(from, to, |i| (10.0 + (i * 53 % 7) as f64) * if burst(i) { 8.0 } else { 1.0 })
}

fn fit(until: i64, signal: Option<Series>) -> Box<dyn Fitted> {
    let context = Context {
        calendar: Arc::new(Calendar::default()),
        service: "gateway".into(),
        horizon: Duration::days(2),
        signals: signal.into_iter().map(|series| Signal::new("orders", series)).collect(),
    };
    RidgeModel::new(PhaseCalendar::Clock).fit(&demand(0, until), &context).unwrap()
}

/// Three weeks and up to the first step of a burst.
const NOW: i64 = 97 * 32 + 1;

#[test]
fn a_burst_raises_the_next_step_and_its_factor_is_told() {
    let (with, without) = (fit(NOW, Some(signal(0, NOW))), fit(NOW, None));
    let medians = [&without, &with].map(|model| model.predict(at(NOW)).median());
    assert!(medians[0] < 1300.0 && medians[1] > 1700.0, "{medians:?}");
    let lifts = with.lifts(at(NOW));
    assert!(lifts[0].0.as_ref() == "orders" && lifts[0].1 > 1.5, "{lifts:?}");
    assert!(without.lifts(at(NOW)).is_empty());
}

#[test]
fn nothing_that_is_not_over_yet_is_looked_at() {
    let whole = |until: i64| fit(NOW, Some(signal(0, until)));
    let told =
        |model: &dyn Fitted| (0..144).map(|i| model.predict(at(NOW + i)).quantiles).collect::<Vec<_>>();
    assert_eq!(told(whole(NOW).as_ref()), told(whole(NOW + 144).as_ref()));
    let hours = Series { start: at(0), step_minutes: 60, values: vec![Some(1.0); 1000] };
    let mut changed = hours.clone();
    changed.values[(NOW * STEP / 60) as usize] = Some(90.0);
    assert_eq!(NOW * STEP % 60, 30, "the hour that holds the origin is not over");
    assert_eq!(told(fit(NOW, Some(hours)).as_ref()), told(fit(NOW, Some(changed)).as_ref()));
}

#[test]
fn what_is_observed_counts_as_it_does_for_a_new_fit_and_late_values_are_taken() {
    let early = NOW - 30;
    let mut delayed = signal(0, early);
    delayed.values.extend([None; 2]);
    let mut model = fit(early, Some(delayed));
    for until in [early + 5, early + 20, NOW] {
        let recent = |series: fn(i64, i64) -> Series| series(until - 25, until);
        model.observe_signals(&[Signal::new("orders", recent(signal)), Signal::new("other", recent(demand))]);
        model.observe(&recent(demand));
    }
    let anew = fit(NOW, Some(signal(0, NOW)));
    let medians = [&model, &anew].map(|model| model.predict(at(NOW)).median());
    assert!((medians[0] / medians[1] - 1.0).abs() < 0.05, "{medians:?}");
}

#[test]
fn a_signal_that_ended_is_taken_to_be_as_usual() {
    let (ended, without) = (fit(NOW, Some(signal(0, NOW - 200))), fit(NOW, None));
    for step in NOW..NOW + 20 {
        let medians = [&ended, &without].map(|model| model.predict(at(step)).median());
        assert!((medians[0] / medians[1] - 1.0).abs() < 0.1, "{medians:?}");
        let lifts = ended.lifts(at(step));
        assert!(lifts.len() == 1 && (lifts[0].1 - 1.0).abs() < 1e-12, "{lifts:?}");
    }
}

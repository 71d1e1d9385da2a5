//! What leading signals are worth: on made series, where it is known what they say, and on recorded metrics, where
//! one mostly says nothing about another. No market price is recorded beside any demand here.

use std::sync::Arc;

use chrono::{DateTime, Duration, Timelike, Utc};
use headroom_calendar::Calendar;
use headroom_forecast::evaluate::{self, Horizon, Record, Window};
use headroom_forecast::{Context, PhaseCalendar, RidgeModel, Series, Signal, files};

use crate::recorded;

const DAYS: i64 = 42;
/// Demand follows the market by so many minutes.
const LAG: i64 = 10;

fn start() -> DateTime<Utc> {
    "2026-02-02T00:00:00Z".parse().unwrap()
}

/// A repeatable draw from 0 to 1 for a number.
fn draw(number: i64, kind: u64) -> f64 {
    let mut mixed = (number as u64 ^ (kind << 56)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    (mixed ^ (mixed >> 31)) as f64 / u64::MAX as f64
}

/// A repeatable draw from a bell curve.
fn bell(number: i64, kind: u64) -> f64 {
    (0..12).map(|part| draw(number * 12 + part, kind)).sum::<f64>() - 6.0
}

/// The turmoil of the market in a minute: now and then it begins, at full strength, and wanes with a half-life of
/// a quarter of an hour.
fn turmoil(minute: i64) -> f64 {
    (0..90).filter(|age| draw(minute - age, 1) < 1.0 / 720.0).map(|age| 0.5_f64.powf(age as f64 / 15.0)).sum()
}

fn series(step: i64, value: impl Fn(i64) -> f64) -> Series {
    let values = (0..DAYS * 1440 / step).map(|i| Some(value(i * step))).collect();
    Series { start: start(), step_minutes: step as u32, values }
}

/// A value that wanders: each keeps a share of the one before and adds a draw of some size.
fn wander(count: i64, keep: f64, size: impl Fn(i64) -> f64, kind: u64) -> Vec<f64> {
    let next = |at: &mut f64, i: i64| {
        *at = keep * *at + size(i) * bell(i, kind);
        Some(*at)
    };
    (0..count).scan(0.0, next).collect()
}

/// Requests in steps of five minutes: a daily shape, a level that wanders, noise, and twice as much again in turmoil.
fn demand() -> Series {
    let levels = wander(DAYS * 288, 0.95, |_| 0.03, 2);
    series(5, |minute| {
        let hour = f64::from((start() + Duration::minutes(minute)).num_seconds_from_midnight()) / 3600.0;
        let usual = 2000.0 - 1000.0 * (hour / 24.0 * std::f64::consts::TAU).cos();
        let late = (minute..minute + 5).map(|m| turmoil(m - LAG)).sum::<f64>() / 5.0;
        let log = levels[(minute / 5) as usize] + 0.05 * bell(minute, 3);
        (usual * log.exp() * (1.0 + 2.0 * late)).round()
    })
}

/// A volatility index in steps of a minute: it drifts, and turmoil raises it by half.
fn index() -> Series {
    let drift = wander(DAYS * 1440, 0.9995, |_| 0.004, 4);
    series(1, |minute| 15.0 * drift[minute as usize].exp() * (1.0 + 0.5 * turmoil(minute)))
}

/// A price in steps of a minute, whose moves are up to four times as large in turmoil.
fn price() -> Series {
    let logs = wander(DAYS * 1440, 1.0, |minute| 3e-4 * (1.0 + 3.0 * turmoil(minute)), 5);
    series(1, |minute| 400.0 * logs[minute as usize].exp())
}

/// The records of the last sixth, forecast every `minutes` with a signal or without one.
fn records(demand: &Series, signal: Option<&Series>, minutes: u32) -> Vec<Record> {
    let context = Context {
        calendar: Arc::new(Calendar::default()),
        service: "gateway".into(),
        horizon: Duration::days(1),
        signals: signal.into_iter().map(|series| Signal::new("signal", series.clone())).collect(),
    };
    let from = demand.end() - (demand.end() - demand.start) / 6;
    let window = Window { horizon: Horizon::Minutes(minutes), from, to: demand.end() };
    let model = RidgeModel::new(PhaseCalendar::Clock);
    evaluate::run(&model, demand, &context, window, &mut |_, _| ()).unwrap().records
}

/// The loss over all quantiles: over all points, and over those in turmoil.
fn losses(demand: &Series, signal: Option<&Series>, minutes: u32) -> [f64; 2] {
    let records = records(demand, signal, minutes);
    let late = |record: &&Record| turmoil((record.ts - start()).num_minutes() - LAG) > 0.25;
    [evaluate::part(records.iter(), None), evaluate::part(records.iter().filter(late), None)]
        .map(|score| score.unwrap().wql)
}

/// By what share each signal lowers the losses of [`losses`].
fn gains(demand: &Series, signals: &[(&str, Series)], minutes: u32) -> Vec<[f64; 2]> {
    let [all, late] = losses(demand, None, minutes);
    let gain = |(name, signal): &(&str, Series)| {
        let with = losses(demand, Some(signal), minutes);
        let gains = [1.0 - with[0] / all, 1.0 - with[1] / late];
        eprintln!(
            "{name}, {minutes} min ahead: loss {:+.2} %, in turmoil {:+.2} %",
            -gains[0] * 100.0,
            -gains[1] * 100.0
        );
        gains
    };
    signals.iter().map(gain).collect()
}

#[test]
fn a_signal_that_leads_betters_the_minutes_it_foretells() {
    let gains = gains(&demand(), &[("index", index()), ("price", price())], 10);
    // The moves of single minutes tell less surely that turmoil has begun than an index that is raised by it.
    for ([all, late], least) in gains.into_iter().zip([0.3, 0.05]) {
        assert!(all > 0.02 && late > least, "{all} {late}");
    }
}

#[test]
fn a_signal_that_says_nothing_costs_less_than_a_hundredth() {
    let logs = wander(DAYS * 1440, 1.0, |_| 1e-3, 7);
    let noise = series(1, |minute| bell(minute, 6));
    let walk = series(1, |minute| 100.0 * logs[minute as usize].exp());
    let daily = series(1440, |minute| 20.0 + bell(minute, 8));
    let (demand, signals) = (demand(), [("noise", noise), ("walk", walk), ("daily", daily)]);
    for minutes in [60, 1440] {
        for [all, _] in gains(&demand, &signals, minutes) {
            assert!(all > -0.01, "{minutes}: {all}");
        }
    }
}

#[test]
fn another_application_s_metric_costs_little() {
    let Some(directory) = recorded::directory() else { return };
    let read = |number: usize| {
        let path = directory.join(format!("ops/app_metric_{number:02}.csv.gz"));
        files::read(&path, None).unwrap().series
    };
    let mut ratios = Vec::new();
    for (of, by) in [(1, 2), (2, 3), (3, 5), (5, 6), (6, 7), (7, 1)] {
        let (demand, signal) = (read(of).coarser(10), read(by));
        for minutes in [60, 480] {
            let [without, with] = [None, Some(&signal)]
                .map(|signal| evaluate::part(records(&demand, signal, minutes).iter(), None).unwrap().wql);
            eprintln!("{of:02} by {by:02}, {minutes} min: {:+.2} %", (with / without - 1.0) * 100.0);
            ratios.push(with / without);
        }
    }
    assert!(evaluate::geometric_mean(&ratios).unwrap() < 1.01, "{ratios:?}");
    assert!(ratios.iter().all(|ratio| *ratio < 1.05), "{ratios:?}");
}

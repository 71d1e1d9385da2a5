//! What forecasts cost: a thousand series of thirty days at one minute are fitted, forecast a day ahead and kept up
//! to date minute by minute.
//!
//! ```sh
//! cargo bench -p headroom-forecast --bench thousand -- --series 1000 --slow 20
//! models/forecast/benches/compare.sh 1000 20 4   # beside statsforecast, on the same series in the same run
//! ```
//!
//! The series are made up, since no thousand recorded ones are free: four kinds (a trading session, a day's wave with
//! quiet weekends, a flat noisy one, bursts), with levels that drift and noise that lasts, the same each time. CPU
//! seconds are those of one thread. The slower models run on the first `--slow` series, statsforecast on the first
//! `--beside`; the cost of a series does not depend on how many there are, so it grows in proportion.
#![allow(clippy::unwrap_used, missing_docs)]

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use chrono::{DateTime, Datelike, Duration, Timelike, Utc};
use headroom_calendar::{Calendar, Venue};
use headroom_forecast::{
    CalendarModel, Context, Fitted, Forecaster, PhaseCalendar, QUANTILES, RidgeModel, SeasonalNaive, Series,
    challengers,
};

const DAY: usize = 1440;
const TRAIN: usize = 30 * DAY;
/// Minutes that the loop writes anew each minute.
const NEAR: i64 = 240;
/// Minutes kept up to date one by one.
const UPDATES: usize = 30;

fn main() {
    let (count, slow, python) = (argument("--series", 1000), argument("--slow", 20), text("--python"));
    let series: Vec<Series> = (0..count).map(made_up).collect();
    let venue = Venue::builtin("XNYS").unwrap();
    let calendar = Arc::new(Calendar::new(vec![venue.clone()], true));
    let context =
        Context { calendar, service: "bench".into(), horizon: Duration::days(2), signals: Vec::new() };
    println!(
        "{count} series of 30 days at one minute; a forecast is the day ahead, 1,440 minutes of six quantiles; an update takes \
         in a minute and foresees the next {NEAR}\n"
    );
    header();
    for model in quick(&venue) {
        row(model.as_ref(), &series, &context);
    }
    for model in slower(&venue) {
        row(model.as_ref(), &series[..slow.min(count)], &context);
    }
    if let Some(python) = python {
        let few = &series[..argument("--beside", 4).min(count)];
        println!("\nthe first {} of them, beside statsforecast\n", few.len());
        header();
        for model in quick(&venue).into_iter().chain(slower(&venue)) {
            row(model.as_ref(), few, &context);
        }
        beside(&python, few);
    }
}

/// The models that run on every series.
fn quick(venue: &Venue) -> Vec<Box<dyn Forecaster>> {
    let mut all: Vec<Box<dyn Forecaster>> = vec![
        Box::new(CalendarModel::new(PhaseCalendar::Venues(vec![venue.clone()]))),
        Box::new(CalendarModel::new(PhaseCalendar::Clock)),
        Box::new(SeasonalNaive { days: 1 }),
        Box::new(SeasonalNaive { days: 7 }),
    ];
    all.extend(challengers::quick());
    all
}

/// The models that take part of a second or more for a series.
fn slower(venue: &Venue) -> Vec<Box<dyn Forecaster>> {
    let mut all: Vec<Box<dyn Forecaster>> = vec![
        Box::new(RidgeModel::new(PhaseCalendar::Venues(vec![venue.clone()]))),
        Box::new(RidgeModel::new(PhaseCalendar::Clock)),
    ];
    all.extend(challengers::slow());
    all
}

fn header() {
    println!(
        "{:<20} {:>6} {:>12} {:>14} {:>15} {:>12} {:>8} {:>8}",
        "model", "series", "fit, CPU-s", "forecasts/s", "update, CPU-us", "peak, MB", "MASE", "WQL"
    );
}

/// Fits, forecasts and updates every series, and prints the means. All fitted models are kept until the end, so the
/// peak of memory holds them, and the series.
fn row(model: &dyn Forecaster, series: &[Series], context: &Context) {
    reset_peak();
    let split = |s: &Series| s.at(TRAIN);
    let (fitted, fit) = measured(|| {
        let fit = |s: &Series| model.fit(&s.before(split(s)), context).unwrap();
        series.iter().map(fit).collect::<Vec<Box<dyn Fitted>>>()
    });
    // The kernel counts in steps of some milliseconds.
    let rounds = 1000_usize.div_ceil(series.len());
    let (forecasts, predict) = measured(|| {
        let day = |s: &Series, fit: &dyn Fitted| -> Vec<[f64; 6]> {
            (TRAIN..TRAIN + DAY).map(|i| fit.predict(s.at(i)).quantiles).collect()
        };
        let all = || series.iter().zip(&fitted).map(|(s, fit)| day(s, fit.as_ref())).collect::<Vec<_>>();
        (1..rounds).for_each(|_| drop(std::hint::black_box(all())));
        all()
    });
    let (mut mase, mut wql) = (0.0, 0.0);
    for (s, forecast) in series.iter().zip(&forecasts) {
        let values: Vec<f64> = s.values.iter().map(|v| v.unwrap()).collect();
        mase += scaled_error(&values, forecast) / series.len() as f64;
        wql += quantile_loss(&values[TRAIN..], forecast) / series.len() as f64;
    }
    let mut fitted = fitted;
    let ((), update) = measured(|| {
        for (s, fit) in series.iter().zip(&mut fitted) {
            for minute in TRAIN..TRAIN + UPDATES {
                let hour = s.before(s.at(minute + 1)).since(s.at(minute + 1 - 60));
                fit.observe(&hour);
                for ahead in 1..=NEAR {
                    std::hint::black_box(fit.predict(s.at(minute) + Duration::minutes(ahead)));
                }
            }
        }
    });
    let count = series.len() as f64;
    println!(
        "{:<20} {:>6} {:>12.4} {:>14.0} {:>15.0} {:>12.0} {mase:>8.3} {wql:>8.4}",
        model.name(),
        series.len(),
        fit / count,
        count * rounds as f64 / predict.max(1e-9),
        update / count / UPDATES as f64 * 1e6,
        peak_megabytes()
    );
}

/// Runs statsforecast on the same series and prints its rows.
fn beside(python: &str, series: &[Series]) {
    let folder = std::env::temp_dir().join(format!("headroom-bench-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let path: PathBuf = folder.join("series.f64");
    let mut file = std::io::BufWriter::new(std::fs::File::create(&path).unwrap());
    for value in series.iter().flat_map(|s| s.values.iter()) {
        file.write_all(&value.unwrap().to_le_bytes()).unwrap();
    }
    file.flush().unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/statsforecast_bench.py");
    let done = Command::new(python)
        .arg(script)
        .arg(&path)
        .args([series.len(), TRAIN, DAY].map(|n| n.to_string()))
        .status()
        .unwrap();
    std::fs::remove_dir_all(&folder).unwrap();
    assert!(done.success(), "{done}");
}

/// The mean absolute error of the medians over that of the seasonal naive within the history (a day).
fn scaled_error(values: &[f64], forecast: &[[f64; 6]]) -> f64 {
    let scale: f64 =
        (DAY..TRAIN).map(|i| (values[i] - values[i - DAY]).abs()).sum::<f64>() / (TRAIN - DAY) as f64;
    let error: f64 = values[TRAIN..].iter().zip(forecast).map(|(v, q)| (v - q[0]).abs()).sum();
    error / forecast.len() as f64 / scale
}

/// Twice the pinball loss over the sum of demand, the mean over the quantiles.
fn quantile_loss(values: &[f64], forecast: &[[f64; 6]]) -> f64 {
    let demand: f64 = values.iter().sum();
    let mut loss = 0.0;
    for (value, quantiles) in values.iter().zip(forecast) {
        for (p, q) in QUANTILES.iter().zip(quantiles) {
            let miss = value - q;
            loss += 2.0 * (p * miss).max((p - 1.0) * miss);
        }
    }
    loss / QUANTILES.len() as f64 / demand
}

/// Thirty-one days of one minute, from a Monday on.
fn made_up(number: usize) -> Series {
    let start: DateTime<Utc> = "2026-02-02T00:00:00Z".parse().unwrap();
    let venue = Venue::builtin("XNYS").unwrap();
    let mut state = number as u64 + 1;
    let mut unit = move || {
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((mixed ^ (mixed >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    };
    let scale = 20.0 * 1000.0_f64.powf(unit());
    let phase = unit() * std::f64::consts::TAU;
    let (mut level, mut slow, mut burst) = (0.0, 0.0, 0.0);
    let mut session = None;
    let mut minute = |i: usize| {
        let ts = start + Duration::minutes(i as i64);
        if i.is_multiple_of(DAY) {
            level = 0.8 * level + 0.25 * (unit() - 0.5);
            session = venue.session(ts.date_naive());
        }
        slow = 0.97 * slow + 0.1 * (unit() - 0.5);
        burst *= 0.9;
        let hour = f64::from(ts.hour()) + f64::from(ts.minute()) / 60.0;
        let weekend = ts.weekday().num_days_from_monday() >= 5;
        let wave = (0.8 * (hour / 24.0 * std::f64::consts::TAU + phase).sin()).exp();
        let shape = match number % 4 {
            0 => match session.as_ref().filter(|s| s.open <= ts && ts < s.close) {
                Some(s) => 1.0 + 3.0 * (-((ts - s.open).num_minutes() as f64) / 20.0).exp(),
                None => 0.1,
            },
            1 => wave * if weekend { 0.5 } else { 1.0 },
            2 => 1.0,
            _ => {
                if unit() < 0.002 {
                    burst = 2.0 + 6.0 * unit();
                }
                wave + burst
            }
        };
        let noise = 0.1 * (unit() + unit() + unit() - 1.5);
        Some((scale * shape * f64::exp(level + slow + noise)).round())
    };
    let values = (0..TRAIN + DAY).map(&mut minute).collect();
    Series { start, step_minutes: 1, values }
}

/// A result, and the CPU seconds that it took.
fn measured<T>(work: impl FnOnce() -> T) -> (T, f64) {
    let before = cpu_seconds();
    let result = work();
    (result, cpu_seconds() - before)
}

/// CPU seconds of the main thread, on which all of it runs.
fn cpu_seconds() -> f64 {
    let text = std::fs::read_to_string("/proc/self/schedstat").unwrap();
    text.split_whitespace().next().unwrap().parse::<f64>().unwrap() / 1e9
}

/// Lets the peak of memory begin anew, where the kernel allows it.
fn reset_peak() {
    std::fs::write("/proc/self/clear_refs", "5").ok();
}

fn peak_megabytes() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|l| l.starts_with("VmHWM")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<f64>().unwrap() / 1024.0
}

fn argument(name: &str, default: usize) -> usize {
    text(name).map_or(default, |value| value.parse().unwrap())
}

fn text(name: &str) -> Option<String> {
    std::env::args().skip_while(|a| a != name).nth(1)
}

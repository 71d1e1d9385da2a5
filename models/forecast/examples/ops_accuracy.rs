//! Prints how well the recorded application and cloud metrics are foreseen, against the seasonal naive forecast.
//!
//! `cargo run -p headroom-forecast --example ops_accuracy -- DIRECTORY [FILTER]`, where DIRECTORY holds `ops/*.csv.gz`.
//! Windows as GIFT-Eval sets them: 48 steps ahead (short), 480 (medium) and 720 (long); as many windows as fill the
//! last tenth of the series, twenty at most, one after the other. No calendar is known of these series.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::Duration;
use headroom_calendar::Calendar;
use headroom_forecast::evaluate::{self, Horizon, Score, Window, geometric_mean};
use headroom_forecast::{Context, Forecaster, PhaseCalendar, RidgeModel, SeasonalNaive, Series, files};

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

/// Steps ahead.
const TERMS: [(&str, usize); 3] = [("short", 48), ("medium", 480), ("long", 720)];

fn main() -> Outcome<()> {
    let mut arguments = std::env::args().skip(1);
    let directory = arguments.next().ok_or("usage: ops_accuracy DIRECTORY [FILTER]")?;
    let filter = arguments.next().unwrap_or_default();
    let mut files: Vec<PathBuf> = Vec::new();
    for folder in ["ops", "web"] {
        let folder = Path::new(&directory).join(folder);
        files.extend(std::fs::read_dir(folder)?.filter_map(|entry| Some(entry.ok()?.path())));
    }
    files.retain(|path| {
        path.to_string_lossy().ends_with("csv.gz") && path.to_string_lossy().contains(&filter)
    });
    files.sort();
    let mut ratios: Vec<(&str, f64, f64, f64)> = Vec::new();
    println!("{:<42} term    points  rel.MASE  rel.WQL  rel.WQL*  cov.5  cov.9 cov.99", "series");
    for path in &files {
        let series = files::read(path, None)?.series;
        if series.step_minutes >= 1440 {
            continue;
        }
        let name = path.file_name().unwrap_or_default().to_string_lossy().replace(".csv.gz", "");
        for (term, steps) in TERMS {
            let (own, mase, wql, honest) = compare(&series, steps)?;
            ratios.push((term, mase, wql, honest));
            println!(
                "{name:<42} {term:<7} {:>6}  {mase:>8.3} {wql:>8.3}  {honest:>8.3}  {:>4.1}% {:>5.1}% {:>5.1}%",
                own.points,
                own.coverage[0] * 100.0,
                own.coverage[2] * 100.0,
                own.coverage[4] * 100.0
            );
        }
    }
    println!();
    for term in TERMS.map(|(term, _)| term).into_iter().chain(["all"]) {
        let of = |pick: fn(&(&str, f64, f64, f64)) -> f64| {
            let chosen: Vec<f64> = ratios.iter().filter(|r| term == "all" || r.0 == term).map(pick).collect();
            geometric_mean(&chosen).unwrap_or(f64::NAN)
        };
        println!(
            "geometric mean, {term:<7} MASE {:.3}  WQL {:.3}  WQL* {:.3}",
            of(|r| r.1),
            of(|r| r.2),
            of(|r| r.3)
        );
    }
    println!(
        "WQL: the naive forecast is taken as every quantile. WQL*: with quantiles from its own past misses."
    );
    Ok(())
}

/// The model's scores, and its MASE and WQL over the seasonal naive forecast's, as a point and with quantiles.
fn compare(series: &Series, steps: usize) -> Outcome<(Score, f64, f64, f64)> {
    let minutes = steps as u32 * series.step_minutes;
    let windows = (series.values.len() / 10).div_ceil(steps).clamp(1, 20) as i64;
    let reach = Duration::minutes(i64::from(minutes));
    let window = Window {
        horizon: Horizon::Minutes(minutes),
        from: series.end() - reach * windows as i32,
        to: series.end(),
    };
    let context = Context {
        calendar: Arc::new(Calendar::default()),
        service: "series".to_owned(),
        horizon: reach,
        signals: Vec::new(),
    };
    let run = |model: &dyn Forecaster| evaluate::run(model, series, &context, window, &mut |_, _| ());
    let own = run(&RidgeModel::new(PhaseCalendar::Clock))?.summary.all;
    let naive = run(&SeasonalNaive { days: 1 })?.summary.all;
    let missing = "a window without a naive forecast";
    let (mase, wql) = (own.relative_mase.ok_or(missing)?, own.relative_wql.ok_or(missing)?);
    let honest = own.wql / naive.wql;
    Ok((own, mase, wql, honest))
}

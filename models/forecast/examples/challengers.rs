//! All forecasters and challengers on a recorded series: `cargo run --release --example challengers -- FILE...`
//!
//! Each file is a gzipped CSV of `unix seconds,value` with steps of a minute, as the recorded `ops/app_metric_*`. The
//! last seven days are foreseen one by one, in steps of ten minutes, from what was known before each. Errors are
//! relative to the mean (WAPE) and pinball losses too.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::sync::Arc;
use std::time::Instant;

use chrono::{DateTime, Duration, Utc};
use flate2::read::GzDecoder;
use headroom_calendar::Calendar;
use headroom_forecast::{Context, Series, backtest, challengers, promote};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    for file in std::env::args().skip(1) {
        let series = read(&file)?.coarser(10);
        let calendar = Arc::new(Calendar::new(Vec::new(), false));
        let context = Context { calendar, service: file, horizon: Duration::days(2), signals: Vec::new() };
        let origins: Vec<_> = (1..=7).rev().map(|days| series.end() - Duration::days(days)).collect();
        println!(
            "\n{}\n{:<20} {:>7} {:>9} {:>9} {:>9} {:>9} {:>9}",
            context.service, "model", "WAPE", "pin 0.5", "pin 0.9", "pin 0.99", "cov 0.9", "seconds"
        );
        let mut all = promote::candidates(&context);
        all.extend(challengers::slow());
        for forecaster in all {
            let begun = Instant::now();
            let report =
                backtest::run(forecaster.as_ref(), &series, &context, &origins, Duration::days(1), 1);
            let seconds = begun.elapsed().as_secs_f64();
            match report {
                Ok(report) => {
                    let (pinball, coverage) = (report.all.pinball(), report.all.coverage());
                    println!(
                        "{:<20} {:>7.4} {:>9.4} {:>9.4} {:>9.4} {:>9.3} {seconds:>9.2}",
                        report.name,
                        report.all.wape(),
                        pinball[0],
                        pinball[2],
                        pinball[4],
                        coverage[2]
                    );
                }
                Err(why) => println!("{:<20} {why}", forecaster.name()),
            }
        }
    }
    Ok(())
}

fn read(path: &str) -> Result<Series, Box<dyn std::error::Error>> {
    let mut points: Vec<(DateTime<Utc>, f64)> = Vec::new();
    for line in BufReader::new(GzDecoder::new(File::open(path)?)).lines().skip(1) {
        let line = line?;
        let (ts, value) = line.split_once(',').ok_or("a line without a comma")?;
        points.push((DateTime::from_timestamp(ts.parse()?, 0).ok_or("not a time")?, value.trim().parse()?));
    }
    Ok(Series::from_points(1, &points))
}

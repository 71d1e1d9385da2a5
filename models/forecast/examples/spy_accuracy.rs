//! Prints how well SPY's hourly volume is foreseen one session ahead, by kind of hour.
//!
//! `cargo run -p headroom-forecast --example spy_accuracy -- DIRECTORY [FROM TO [MODEL]]`, where DIRECTORY holds
//! `market/spy_hourly_volume.csv.gz` and `calendar/fed_decisions.csv`, and FROM and TO are dates. SPY volume stands
//! in for a trading platform's demand: no public request trace of one exists.

#[path = "spy/data.rs"]
#[allow(dead_code, reason = "shared with the back-test, which needs more of it")]
mod spy;

use std::path::Path;
use std::sync::Arc;

use chrono::{DateTime, Datelike, Duration, NaiveTime, Timelike, Utc};
use chrono_tz::America::New_York;
use headroom_forecast::evaluate::{self, Evaluation, Horizon, Record, Window};
use headroom_forecast::{Context, files};

fn main() -> spy::Outcome<()> {
    let mut arguments = std::env::args().skip(1);
    let directory = arguments.next().ok_or("usage: spy_accuracy DIRECTORY [FROM TO [MODEL]]")?;
    let directory = Path::new(&directory);
    let mut day = |otherwise: &str| -> spy::Outcome<DateTime<Utc>> {
        Ok(format!("{}T00:00:00Z", arguments.next().unwrap_or(otherwise.to_owned())).parse()?)
    };
    let (from, to) = (day("2010-01-01")?, day("2021-04-01")?);
    let reading = files::read(&directory.join("market/spy_hourly_volume.csv.gz"), Some(New_York))?;
    let series = reading.series.since("1998-01-01T00:00:00Z".parse()?).before(to);
    let context = Context {
        calendar: Arc::new(spy::calendar(directory)?),
        service: "SPY".to_owned(),
        horizon: Duration::days(4),
        signals: Vec::new(),
    };
    let window = Window { horizon: Horizon::Sessions(1), from, to };
    println!(
        "SPY hourly volume, a stand-in for demand, one session ahead, {} to {}",
        from.date_naive(),
        series.end().date_naive()
    );
    let wanted = arguments.next().unwrap_or_default();
    for forecaster in spy::forecasters()?.iter().filter(|f| f.name().contains(&wanted)) {
        let outcome = evaluate::run(forecaster.as_ref(), &series, &context, window, &mut |done, all| {
            if done % 100 == 0 {
                eprint!("\r{done} of {all} ");
            }
        })?;
        table(&outcome, &spy::decision_days(directory)?);
    }
    Ok(())
}

fn table(outcome: &Evaluation, decisions: &[chrono::NaiveDate]) {
    println!(
        "\n{:<28} points   WAPE  pin.5  pin.9 pin.99  cov.5  cov.9 cov.99  unserved at .9",
        outcome.model
    );
    let afternoon = |record: &Record, since: i32| {
        let local = record.ts.with_timezone(&New_York);
        local.time() >= NaiveTime::from_hms_opt(14, 0, 0).unwrap_or_default()
            && local.hour() < 16
            && local.year() >= since
            && decisions.binary_search(&local.date_naive()).is_ok()
    };
    let decided = |since: i32| evaluate::part(outcome.records.iter().filter(|r| afternoon(r, since)), None);
    let rows = [
        ("all", Some(outcome.summary.all.clone())),
        ("FOMC from 14:00, all", decided(0)),
        ("FOMC from 14:00, since 2013", decided(2013)),
    ];
    let classes = outcome.summary.by_class.iter().map(|(class, score)| (class.as_str(), Some(score.clone())));
    for (name, score) in rows.into_iter().chain(classes) {
        let Some(score) = score else { continue };
        println!(
            "{name:<28} {:>6}  {:.4} {:.4} {:.4} {:.4}  {:>5.1}% {:>5.1}% {:>5.1}%  {:>6.2}%",
            score.points,
            score.wape,
            score.pinball[0],
            score.pinball[2],
            score.pinball[4],
            score.coverage[0] * 100.0,
            score.coverage[2] * 100.0,
            score.coverage[4] * 100.0,
            score.unserved[2] * 100.0,
        );
    }
}

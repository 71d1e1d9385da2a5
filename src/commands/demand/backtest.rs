//! `headroom backtest`.

use super::super::bar::Bar;
use super::super::print;
use super::source::{Source, calendar};
use super::table::{Format, Table};
use super::{model, none, tell};
use crate::cli::{BacktestArgs, Output};
use anyhow::{Context as _, Result, ensure};
use chrono::{DateTime, Duration, Months, NaiveDate, NaiveTime, TimeZone as _, Utc};
use chrono_tz::Tz;
use headroom_models::forecast::evaluate::{self, Evaluation, Record, Score, Window};
use headroom_models::forecast::{Context, QUANTILES};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::process::ExitCode;
use std::sync::Arc;

/// Exit code 0 when it was evaluated, 1 where it cannot be.
pub(in super::super) async fn run(args: BacktestArgs, output: Output) -> Result<ExitCode> {
    let Source { name, series, signals, mut notes } = Source::read(&args.demand).await?;
    let calendar = Arc::new(calendar(&args.demand.origin.calendar)?);
    let tz = args.demand.origin.tz.unwrap_or(Tz::UTC);
    let quarter = series.start + (series.end() - series.start) * 3 / 4;
    let from = args.from.as_deref().map_or(Ok(quarter), |text| moment(text, tz, false))?;
    let to = args.to.as_deref().map_or(Ok(series.end()), |text| moment(text, tz, true))?;
    ensure!(from < to, "--from {from} is not before --to {to}");
    notes.extend(calendar.doubts(series.start.date_naive(), to.min(series.end()).date_naive()));
    notes.extend(signals.iter().filter_map(|signal| signal.doubt(to.min(series.end()))));
    let horizon = Duration::days(1);
    let context = Context { calendar, service: name.clone(), horizon, signals };
    let forecaster = model(args.demand.model.as_deref(), &context)?;
    let window = Window { horizon: args.horizon, from, to };
    let mut bar: Option<Bar> = None;
    let mut progress = |done: usize, all: usize| {
        let bar = bar.get_or_insert_with(|| Bar::new(all as u64));
        bar.show(done as u64, || format!("{done} of {all} forecasts"));
    };
    let evaluated = evaluate::run(forecaster.as_ref(), &series, &context, window, &mut progress);
    if let Some(bar) = bar {
        bar.finish();
    }
    tell(&notes);
    let evaluation = match evaluated {
        Ok(evaluation) => evaluation,
        Err(why) => return Ok(none(&why)),
    };
    match output {
        Output::Csv | Output::Parquet => {
            let format = if output == Output::Csv { Format::Csv } else { Format::Parquet };
            table(&evaluation.records).show(format)?;
            eprintln!("{}", text(&evaluation));
        }
        Output::Json => {
            let told = json!({
                "series": name,
                "model": evaluation.model,
                "horizon": args.horizon.to_string(),
                "summary": summary(&evaluation),
                "points": table(&evaluation.records).values()?,
                "notes": notes,
            });
            print(output, &told, |_| String::new())?;
        }
        Output::Text => print(output, &(), |()| text(&evaluation))?,
    }
    Ok(ExitCode::SUCCESS)
}

/// A month, a day or an instant; the end of a month or day is the moment after it.
pub(super) fn moment(text: &str, tz: Tz, end: bool) -> Result<DateTime<Utc>> {
    if let Ok(instant) = DateTime::parse_from_rfc3339(text) {
        return Ok(instant.to_utc());
    }
    let month = format!("{text}-01").parse::<NaiveDate>().ok();
    let day = text.parse::<NaiveDate>().ok();
    let after = |day: NaiveDate| if month.is_some() { day + Months::new(1) } else { day + Duration::days(1) };
    let first = month
        .or(day)
        .with_context(|| format!("'{text}' is no time: write 2026-06, 2026-06-15 or 2026-06-15T09:30:00Z"))?;
    let local = if end { after(first) } else { first }.and_time(NaiveTime::MIN);
    // A midnight that summer time skips is an hour later.
    let found = tz.from_local_datetime(&local).earliest();
    let found = found.or_else(|| tz.from_local_datetime(&(local + Duration::hours(1))).earliest());
    found.map(|ts| ts.to_utc()).with_context(|| format!("there is no {local} in {tz}"))
}

fn table(records: &[Record]) -> Table {
    let rows: Vec<[f64; 6]> = records.iter().map(|record| record.quantiles).collect();
    Table::default()
        .times("ts", records.iter().map(|r| r.ts))
        .times("issued_at", records.iter().map(|r| r.issued_at))
        .numbers("actual", records.iter().map(|r| Some(r.actual)))
        .words("event_class", records.iter().map(Record::event_class))
        .quantiles(&rows)
        .numbers("seasonal_naive", records.iter().map(|r| r.seasonal_naive))
}

/// The scores by what they are of: all points first.
fn parts(evaluation: &Evaluation) -> impl Iterator<Item = (&'static str, &str, &Score)> {
    let summary = &evaluation.summary;
    let classes = summary.by_class.iter().map(|(name, score)| ("class", name.as_str(), score));
    let leads = summary.by_lead.iter().map(|(name, score)| ("ahead", name.as_str(), score));
    std::iter::once(("all", "", &summary.all)).chain(classes).chain(leads)
}

fn text(evaluation: &Evaluation) -> String {
    let figure = |value: Option<f64>| value.map_or_else(|| "-".to_owned(), |value| format!("{value:.4}"));
    let loss = |value: &f64| figure(Some(*value));
    let share = |value: &f64| format!("{:.1}%", value * 100.0);
    let quantiles = QUANTILES.map(|p| p.to_string());
    let mut text = format!("{}\n", evaluation.model);
    let errors = ["points", "MASE", "WQL", "WAPE", "relMASE", "relWQL"].map(str::to_owned);
    rows(&mut text, "", &errors, evaluation, |score| {
        let errors = [score.mase, Some(score.wql), Some(score.wape), score.relative_mase, score.relative_wql];
        std::iter::once(score.points.to_string()).chain(errors.map(figure)).collect()
    });
    rows(&mut text, "pinball", &quantiles, evaluation, |score| score.pinball.iter().map(loss).collect());
    rows(&mut text, "coverage", &quantiles, evaluation, |score| score.coverage.iter().map(share).collect());
    text.push_str(
        "WQL, WAPE and pinball: over the mean demand. MASE: over the last like time of day. rel: over the seasonal \
         naive forecast of the same points.",
    );
    text
}

/// A table of a line for each part.
fn rows(
    text: &mut String,
    title: &str,
    columns: &[String],
    evaluation: &Evaluation,
    cells: impl Fn(&Score) -> Vec<String>,
) {
    let mut line = |name: &str, cells: &[String]| {
        let cells: String = cells.iter().fold(String::new(), |line, cell| format!("{line}{cell:>9}"));
        let _ = writeln!(text, "{name:<26}{cells}");
    };
    line(title, columns);
    for (part, name, score) in parts(evaluation) {
        line(if part == "all" { part } else { name }, &cells(score));
    }
}

fn summary(evaluation: &Evaluation) -> Value {
    let by = |figures: &[f64; 6]| -> Value {
        QUANTILES
            .iter()
            .zip(figures)
            .map(|(p, figure)| (p.to_string(), json!(figure)))
            .collect::<serde_json::Map<_, _>>()
            .into()
    };
    let score = |score: &Score| {
        json!({
            "points": score.points,
            "mean_actual": score.mean_actual,
            "wape": score.wape,
            "pinball": by(&score.pinball),
            "coverage": by(&score.coverage),
            "unserved": by(&score.unserved),
            "wql": score.wql,
            "mase": score.mase,
            "compared_with_naive": score.compared,
            "relative_mase": score.relative_mase,
            "relative_wql": score.relative_wql,
        })
    };
    let mut told = serde_json::Map::new();
    for (part, name, of) in parts(evaluation) {
        match part {
            "all" => drop(told.insert("all".to_owned(), score(of))),
            "class" => told.entry("by_class").or_insert_with(|| json!({}))[name] = score(of),
            _ => told.entry("by_lead").or_insert_with(|| json!({}))[name] = score(of),
        }
    }
    told.into()
}

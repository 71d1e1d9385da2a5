//! `headroom forecast`.

use super::source::{Source, calendar};
use super::table::{Format, Table};
use super::{chosen, none, plot, tell};
use crate::cli::{ForecastArgs, Output};
use anyhow::{Context as _, Result};
use chrono::{DateTime, Duration, Utc};
use headroom_models::Calendar;
use headroom_models::calendar::Venue;
use headroom_models::forecast::{Context, Fitted, Prediction};
use headroom_models::series::Series;
use serde_json::json;
use std::process::ExitCode;
use std::sync::Arc;

/// Weeks in which a step must have been measured once to be forecast.
const WEEKS: i64 = 4;

/// Exit code 0 for a forecast, 1 where there can be none.
pub(in super::super) async fn run(args: ForecastArgs, output: Output) -> Result<ExitCode> {
    let Source { name, series, mut notes } = Source::read(&args.demand).await?;
    let calendar = Arc::new(calendar(&args.demand.calendar)?);
    let from = series.end();
    let until = match args.horizon.end(from, calendar.venues()) {
        Ok(until) => until,
        Err(why) => return Ok(none(&why)),
    };
    notes.extend(calendar.doubts(from.date_naive(), until.date_naive()));
    let reach = until - from + Duration::days(1);
    let context = Context { calendar: Arc::clone(&calendar), service: name.clone(), horizon: reach };
    let (forecaster, compared) = match chosen(args.demand.model.as_deref(), &series, &context)? {
        Ok(chosen) => chosen,
        Err(why) => return Ok(none(&why)),
    };
    if !compared {
        notes.push(format!(
            "{name} is too short for a back-test: the forecast is weak, and so are its quantiles"
        ));
    }
    let fitted = match forecaster.fit(&series, &context) {
        Ok(fitted) => fitted,
        Err(why) => return Ok(none(&why)),
    };
    let points = points(&series, fitted.as_ref(), &calendar, until);
    if points.is_empty() {
        notes.push(format!("nothing is forecast: {name} has no step that was measured in the last {WEEKS} weeks at a time up to {until}"));
    }
    tell(&notes);
    if let Some(path) = &args.plot {
        let chart = plot::forecast(&name, &series, &points);
        let size = chart.natural(960);
        std::fs::write(path, chart.svg(headroom_reports::Theme::Light, size))
            .with_context(|| format!("cannot write {}", path.display()))?;
    }
    if let Some(path) = &args.out {
        table(&points).save(path)?;
    }
    match output {
        Output::Json => {
            let told = json!({
                "series": name,
                "model": forecaster.name(),
                "issued_at": from,
                "step_minutes": series.step_minutes,
                "points": table(&points).values()?,
                "events": events(&points),
                "notes": notes,
            });
            super::super::print(Output::Json, &told, |_| String::new())?;
        }
        Output::Parquet if args.out.is_none() => table(&points).show(Format::Parquet)?,
        Output::Text | Output::Csv if args.out.is_none() => table(&points).show(Format::Csv)?,
        _ => {}
    }
    Ok(ExitCode::SUCCESS)
}

/// The steps to come that were measured at their time of the week of late: a series of sessions has no nights.
fn points(
    series: &Series,
    fitted: &dyn Fitted,
    calendar: &Calendar,
    until: DateTime<Utc>,
) -> Vec<Prediction> {
    let step = Duration::minutes(series.step_minutes.into());
    let venue = calendar.venues().first();
    let sessions_only = venue.is_some_and(|venue| {
        let measured = (0..series.values.len()).filter(|i| series.values[*i].is_some()).map(|i| series.at(i));
        let (mut within, mut all) = (0_usize, 0_usize);
        for ts in measured {
            all += 1;
            within += usize::from(trades(venue, ts, step));
        }
        all > 0 && within * 100 >= all * 99
    });
    let wanted = |ts: DateTime<Utc>| match venue {
        Some(venue) if sessions_only => trades(venue, ts, step),
        _ => {
            (1..=WEEKS).any(|back| series.value(ts - Duration::weeks(back)).is_some())
                || series.values.len() < 7 * 1440 / series.step_minutes as usize
        }
    };
    let mut points = Vec::new();
    let mut ts = series.end();
    while ts < until {
        if wanted(ts) {
            points.push(fitted.predict(ts));
        }
        ts += step;
    }
    points
}

/// Whether a step touches a session.
fn trades(venue: &Venue, ts: DateTime<Utc>, step: Duration) -> bool {
    let date = ts.with_timezone(&venue.tz).date_naive();
    venue.session(date).is_some_and(|session| session.open < ts + step && ts < session.close)
}

fn table(points: &[Prediction]) -> Table {
    let rows: Vec<[f64; 6]> = points.iter().map(|point| point.quantiles).collect();
    Table::default().times("ts", points.iter().map(|point| point.ts)).quantiles(&rows)
}

/// The events that move the forecast, each with its largest multiplier.
fn events(points: &[Prediction]) -> Vec<serde_json::Value> {
    let mut found: Vec<(Arc<headroom_models::calendar::Event>, f64)> = Vec::new();
    for (event, multiplier) in
        points.iter().flat_map(|point| &point.events).filter(|(e, _)| !e.class.in_shape())
    {
        match found.iter_mut().find(|(known, _)| known.start == event.start && known.name == event.name) {
            Some((_, most)) if multiplier.ln().abs() > most.ln().abs() => *most = *multiplier,
            Some(_) => {}
            None => found.push((Arc::clone(event), *multiplier)),
        }
    }
    let told = found.iter().map(|(event, multiplier)| {
        json!({"name": event.name, "class": event.class.id(), "venue": event.venue, "start": event.start, "end": event.end(), "multiplier": multiplier})
    });
    told.collect()
}

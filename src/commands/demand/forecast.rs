//! `headroom forecast`.

use super::source::{Source, calendar};
use super::table::{Format, Table};
use super::{model, none, plot, tell};
use crate::cli::{ForecastArgs, Output};
use anyhow::{Context as _, Result};
use chrono::{DateTime, Duration, Utc};
use headroom_models::Calendar;
use headroom_models::calendar::Venue;
use headroom_models::forecast::outlook::{self, Outlook};
use headroom_models::forecast::{Context, Prediction};
use headroom_models::series::Series;
use serde_json::json;
use std::process::ExitCode;
use std::sync::Arc;

/// Weeks in which a step must have been measured once to be forecast.
const WEEKS: i64 = 4;

/// Exit code 0 for a forecast, 1 where there can be none.
pub(in super::super) async fn run(args: ForecastArgs, output: Output) -> Result<ExitCode> {
    let Source { name, series, signals, mut notes } = Source::read(&args.demand).await?;
    let calendar = Arc::new(calendar(&args.demand.origin.calendar)?);
    let from = series.end();
    let until = match args.horizon.end(from, calendar.venues()) {
        Ok(until) => until,
        Err(why) => return Ok(none(&why)),
    };
    notes.extend(calendar.doubts(from.date_naive(), until.date_naive()));
    let reach = until - from + Duration::days(1);
    let context = Context { calendar: Arc::clone(&calendar), service: name.clone(), horizon: reach, signals };
    let made = match &args.demand.model {
        Some(_) => {
            let named = model(args.demand.model.as_deref(), &context)?;
            outlook::by(named.as_ref(), &series, &context, args.horizon)
        }
        // Too little to fit still gives a forecast that calls itself weak.
        None => outlook::of(&series, &context, args.horizon),
    };
    let Outlook { model, points, weak, notes: more, .. } = match made {
        Ok(made) => made,
        Err(why) => return Ok(none(&why)),
    };
    notes.extend(more.into_iter().chain(weak.iter().map(|why| format!("the forecast is weak: {why}"))));
    let points = measured_then(points, &series, &calendar);
    if points.is_empty() {
        notes.push(format!(
            "nothing is forecast: no step up to {until} lies at a time at which {name} was measured in the last {WEEKS} weeks"
        ));
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
                "model": model,
                "issued_at": from,
                "step_minutes": series.step_minutes,
                "points": table(&points).values()?,
                "events": events(&points),
                "weak": weak,
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

/// The steps that were measured at their time of the week of late: a series of sessions has no nights.
fn measured_then(points: Vec<Prediction>, series: &Series, calendar: &Calendar) -> Vec<Prediction> {
    let step = Duration::minutes(series.step_minutes.into());
    let venue = calendar.venues().first().filter(|venue| {
        let measured = (0..series.values.len()).filter(|i| series.values[*i].is_some()).map(|i| series.at(i));
        let (mut within, mut all) = (0_usize, 0_usize);
        for ts in measured {
            all += 1;
            within += usize::from(trades(venue, ts, step));
        }
        all > 0 && within * 100 >= all * 99
    });
    let young = series.end() - series.start < Duration::weeks(1);
    let wanted = |ts: DateTime<Utc>| match venue {
        Some(venue) => trades(venue, ts, step),
        None => young || (1..=WEEKS).any(|back| series.value(ts - Duration::weeks(back)).is_some()),
    };
    points.into_iter().filter(|point| wanted(point.ts)).collect()
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

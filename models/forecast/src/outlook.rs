//! A forecast of a series on its own, without a service or a store, and what is to be said about it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{DateTime, Duration, Utc};

use crate::evaluate::Horizon;
use crate::prior::PriorModel;
use crate::series::{Series, median};
use crate::settled;
use crate::{Context, Fitted, Forecaster, PhaseCalendar, Prediction, RidgeModel, Unavailable};

/// Days of history from which a forecast is no longer called weak.
const ENOUGH_DAYS: i64 = 14;
/// A level that changed by this factor within the last day is worth a word.
const SHIFT: f64 = 2.0;
/// A signal that multiplies demand by this factor is worth a word.
const LIFT: f64 = 1.1;

/// A forecast, and what is to be said about it.
#[derive(Debug, Clone)]
pub struct Outlook {
    /// The model's name.
    pub model: String,
    /// The end of the data: nothing later was known.
    pub issued_at: DateTime<Utc>,
    /// Each step up to the horizon.
    pub points: Vec<Prediction>,
    /// Why not to lean on it; empty when there is no reason.
    pub weak: Vec<String>,
    /// What else is worth knowing.
    pub notes: Vec<String>,
}

/// The forecaster for a series on its own: by the sessions of the calendar's venues, or by the clock.
pub fn forecaster(context: &Context) -> RidgeModel {
    let venues = context.calendar.venues();
    RidgeModel::new(if venues.is_empty() {
        PhaseCalendar::Clock
    } else {
        PhaseCalendar::Venues(venues.to_vec())
    })
}

/// Forecasts a series from its end to a horizon. A history too short to learn from gives a forecast of its median,
/// of prior multipliers and of a wide prior spread, and says so.
pub fn of(series: &Series, context: &Context, horizon: Horizon) -> Result<Outlook, Unavailable> {
    let model = forecaster(context);
    by(&model, series, context, horizon).or_else(|reason| {
        let mut prior = by(&PriorModel(model.phases), series, context, horizon)?;
        prior.weak.push(format!("{reason}: the median so far, with prior multipliers and a prior spread"));
        Ok(prior)
    })
}

/// Forecasts a series from its end to a horizon by a model.
pub fn by(
    model: &dyn Forecaster,
    series: &Series,
    context: &Context,
    horizon: Horizon,
) -> Result<Outlook, Unavailable> {
    let origin = series.end();
    let until = horizon.end(origin, context.calendar.venues())?;
    let context = Context { horizon: context.horizon.max(until - origin), ..context.clone() };
    let fitted = model.fit(series, &context)?;
    let step = Duration::minutes(i64::from(series.step_minutes));
    let steps = std::iter::successors(Some(origin), |ts| Some(*ts + step)).take_while(|ts| *ts < until);
    let points: Vec<Prediction> = steps.map(|ts| fitted.predict(ts)).collect();
    let mut notes = never_seen(series, &context, &points);
    notes.extend(change(series));
    notes.extend(shift(series));
    notes.extend(context.signals.iter().filter_map(|signal| signal.doubt(origin)));
    notes.extend(lifted(fitted.as_ref(), &points));
    Ok(Outlook { model: model.name(), issued_at: origin, points, weak: doubts(series), notes })
}

/// Why a series says little.
fn doubts(series: &Series) -> Vec<String> {
    let mut doubts = Vec::new();
    let days = (series.end() - series.start).num_hours() as f64 / 24.0;
    if days < ENOUGH_DAYS as f64 {
        doubts.push(format!(
            "{days:.1} days of history, less than {ENOUGH_DAYS}: the shape of a week is not known"
        ));
    }
    let mut values = series.values.iter().flatten();
    if values.next().is_some_and(|first| series.measured() > 1 && values.all(|value| value == first)) {
        doubts.push("every value is the same: how far demand strays from it cannot be known".to_owned());
    }
    doubts
}

/// A word on each class of event that comes and was never measured.
fn never_seen(series: &Series, context: &Context, points: &[Prediction]) -> Vec<String> {
    let past = context.calendar.events(series.start, series.end(), series.end());
    let seen: BTreeSet<_> = past.iter().map(|event| event.class).collect();
    let mut assumed: BTreeMap<_, (&str, f64)> = BTreeMap::new();
    for (event, multiplier) in points.iter().flat_map(|point| &point.events) {
        if !event.class.in_shape() && !seen.contains(&event.class) {
            let (_, most) = assumed.entry(event.class).or_insert((&event.name, *multiplier));
            *most = if multiplier.ln().abs() > most.ln().abs() { *multiplier } else { *most };
        }
    }
    let told = assumed.into_iter().map(|(class, (name, most))| {
        let class = class.words();
        format!("{name}: no {class} lies in the history, so that a factor of up to {most:.2} is assumed")
    });
    told.collect()
}

/// A word on each signal that moves the forecast, with the step that it moves most.
fn lifted(fitted: &dyn Fitted, points: &[Prediction]) -> Vec<String> {
    let mut most: Vec<(Arc<str>, f64, DateTime<Utc>)> = Vec::new();
    for ts in points.iter().map(|point| point.ts) {
        for (name, factor) in fitted.lifts(ts) {
            match most.iter_mut().find(|(known, ..)| *known == name) {
                Some((_, other, at)) if factor.ln().abs() > other.ln().abs() => (*other, *at) = (factor, ts),
                Some(_) => {}
                None => most.push((name, factor, ts)),
            }
        }
    }
    let told = most.into_iter().filter(|(_, factor, _)| factor.ln().abs() > LIFT.ln());
    told.map(|(name, factor, ts)| {
        format!(
            "signal {name} is not as usual: the forecast for {ts} is {factor:.2} times what it else would be"
        )
    })
    .collect()
}

/// A word on a level that changed for good. The regression leaves aside what came before; the others forget it by and by.
fn change(series: &Series) -> Option<String> {
    settled::change(series).map(|settled::Change { since, factor }| {
        format!("since {since} demand is {factor:.2} times what it was: what came before says little")
    })
}

/// A word on a level that has just changed.
fn shift(series: &Series) -> Option<String> {
    let end = series.end();
    let part = |from: i64, to: i64| {
        let part = series.since(end - Duration::days(from)).before(end - Duration::days(to));
        median(part.values.into_iter().flatten().collect())
    };
    let (before, now) = (part(8, 1)?, part(1, 0)?);
    let factor = now / before;
    let moved = before > 0.0 && !(1.0 / SHIFT..=SHIFT).contains(&factor);
    moved.then(|| format!("the median of the last day is {factor:.2} times that of the week before it"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    use headroom_calendar::{Calendar, Venue};

    fn series(count: usize, value: impl Fn(usize) -> f64) -> Series {
        let start = "2026-03-02T00:00:00Z".parse().unwrap();
        Series { start, step_minutes: 60, values: (0..count).map(|i| Some(value(i))).collect() }
    }

    fn context(venues: &[&str]) -> Context {
        let calendar = Calendar::load(venues, true, &[] as &[&str]).unwrap();
        Context {
            calendar: Arc::new(calendar),
            service: "data.csv".into(),
            horizon: Duration::days(1),
            signals: Vec::new(),
        }
    }

    #[test]
    fn a_daily_shape_is_foreseen_without_a_calendar() {
        let daily = |i: usize| 100.0 + 50.0 * ((i % 24) as f64 / 24.0 * std::f64::consts::TAU).sin();
        let outlook = of(&series(24 * 21, daily), &context(&[]), "1d".parse().unwrap()).unwrap();
        assert_eq!((outlook.points.len(), outlook.model.as_str()), (24, "ridge(clock)"));
        for (i, point) in outlook.points.iter().enumerate() {
            assert!((point.median() / daily(i) - 1.0).abs() < 0.03, "{i}: {point:?}");
        }
        assert!(outlook.weak.is_empty(), "{:?}", outlook.weak);
    }

    #[test]
    fn three_points_give_a_forecast_that_calls_itself_weak() {
        let outlook =
            of(&series(3, |i| 10.0 + i as f64), &context(&["XNYS"]), "1session".parse().unwrap()).unwrap();
        assert_eq!(outlook.points[0].median(), 11.0);
        assert!(outlook.points[0].quantiles[5] > 20.0, "{:?}", outlook.points[0]);
        assert!(outlook.weak.iter().any(|w| w.contains("3 measured steps")), "{:?}", outlook.weak);
    }

    #[test]
    fn a_constant_a_silence_and_nothing_are_each_told() {
        let constant = of(&series(24 * 20, |_| 5.0), &context(&[]), "1d".parse().unwrap()).unwrap();
        assert!((constant.points[3].median() - 5.0).abs() < 0.05);
        assert!(constant.weak[0].contains("every value is the same"));
        let silent = of(&series(24 * 20, |_| 0.0), &context(&[]), "1d".parse().unwrap());
        assert_eq!(silent.unwrap_err().0, "data.csv received no requests in its history");
        let nothing = of(&series(0, |_| 0.0), &context(&[]), "1d".parse().unwrap());
        assert_eq!(nothing.unwrap_err().0, "data.csv has no measured step: not even a level is known");
    }

    #[test]
    fn an_event_never_seen_and_a_new_level_are_told() {
        let level = |i: usize| if i < 24 * 19 { 100.0 } else { 300.0 } + (i % 5) as f64;
        let mut context = context(&["XNYS"]);
        let venue = Venue::builtin("XNYS").unwrap();
        let mut calendar = Calendar::new(vec![venue], false);
        let text = "[[event]]\nclass = \"earnings\"\nname = \"ACME results\"\nvenue = \"XNYS\"\nstart = \"2026-03-22T16:05\"\nduration_minutes = 90\n";
        calendar.add_toml("test", text).unwrap();
        context.calendar = Arc::new(calendar);
        let outlook = of(&series(24 * 20, level), &context, "1d".parse().unwrap()).unwrap();
        assert_eq!(
            outlook.notes[0],
            "ACME results: no earnings lies in the history, so that a factor of up to 1.80 is assumed"
        );
        let told = outlook.notes[1].split_once(" times that of the week before it").unwrap().0;
        let factor: f64 = told.rsplit(' ').next().unwrap().parse().unwrap();
        assert!((2.9..3.1).contains(&factor), "{told}");
    }
}

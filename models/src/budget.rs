//! Error budgets to come: the demand that is forecast, held against what an objective allows.

use std::collections::BTreeMap;

use chrono::{DateTime, Duration, Utc};
use headroom_query::TimeRange;
use headroom_query::slo::{Promise, Timeline, slices};
use headroom_slo::{Ahead, Traffic, ahead::ahead};
use headroom_store::Store;

use crate::error::Result;
use crate::read;
use crate::subject::Subject;

/// How far ahead it is looked, as far as there is a forecast.
const AHEAD: Duration = Duration::days(8);
/// Width of a point in seconds.
const STEP: i64 = 900;

/// The budget of a promise when the traffic that is forecast for its service arrives and fails as the last hour did.
/// The objective's requests keep the share of the service's that they had on the last day.
///
/// # Errors
/// Those of the store. Inside, the reason why it cannot be told.
pub async fn budget_ahead(
    store: &Store,
    tenant: &str,
    promise: &Promise<'_>,
    now: DateTime<Utc>,
) -> Result<std::result::Result<Ahead, String>> {
    let Promise::One(slo) = promise else {
        return Ok(Err("each part of a composite has a forecast of its own".to_owned()));
    };
    if let Err(reason) = &slo.indicator {
        return Ok(Err(reason.clone()));
    }
    let series = slices::stored(store, tenant, &[slo], now).await?.remove(&slo.id).unwrap_or_default();
    let line = Timeline::new(slo, &series);
    let Some(end) = line.watermark().and_then(|end| DateTime::from_timestamp(end, 0)) else {
        return Ok(Err("nothing has been measured yet".to_owned()));
    };
    let day = end - Duration::days(1);
    let range = TimeRange { from: day, to: now + AHEAD };
    let told = read::forecast(store, tenant, &Subject::Requests(slo.service.clone()), range).await?;
    if let Some(reason) = told.unavailable {
        return Ok(Err(reason));
    }
    let served: f64 = told.actual.iter().filter(|minute| minute.ts < end).map(|minute| minute.value).sum();
    if served <= 0.0 {
        return Ok(Err(format!("nothing was requested of {} on the last day", slo.service)));
    }
    let share = line.between(day.timestamp(), end.timestamp()).total / served;
    let mut steps: BTreeMap<i64, f64> = BTreeMap::new();
    for point in told.points.iter().filter(|point| point.ts >= end) {
        let step = (point.ts.timestamp().div_euclid(STEP) + 1) * STEP;
        *steps.entry(step).or_default() += point.q50 * share;
    }
    let traffic: Vec<Traffic> = steps.into_iter().map(|(end, requests)| Traffic { end, requests }).collect();
    Ok(ahead(slo, &line, &traffic))
}

//! The first page: how does it stand?

use super::arguments::{Args, RangeArgs};
use crate::auth::{Caller, Door};
use crate::error::ApiError;
use crate::state::AppState;
use axum::Json;
use axum::extract::State;
use chrono::{DateTime, TimeDelta, Utc};
use headroom_alerts::AlertBody;
use headroom_control::AlertState;
use headroom_models::{ForecastBody, ForecastEvent, Subject};
use headroom_query::overview;
use headroom_query::range::TimeRange;
use headroom_query::services::{self, ServiceRow};
use headroom_query::slo::{self, SloRow};
use serde::Serialize;
use utoipa::ToSchema;

/// How far ahead the overview shows demand.
const AHEAD: TimeDelta = TimeDelta::hours(24);

/// Everything the first page needs, in one answer.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OverviewBody {
    range: TimeRange,
    /// How it stands, in words.
    sentence: String,
    services: Vec<ServiceRow>,
    /// Objectives, for those who may see them.
    slos: Vec<SloRow>,
    /// Open alerts, for those who may see them.
    alerts: Vec<AlertBody>,
    demand: Demand,
}

/// Demand at the busiest service against its forecast, and what is coming.
#[derive(Debug, Default, Serialize, ToSchema)]
pub(crate) struct Demand {
    /// The service that receives the most requests.
    service: Option<String>,
    series: Vec<DemandPoint>,
    events: Vec<ForecastEvent>,
    /// Why there is no forecast.
    unavailable: Option<String>,
}

/// One minute of demand, in requests per minute.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DemandPoint {
    ts: DateTime<Utc>,
    actual: Option<f64>,
    q50: Option<f64>,
    q90: Option<f64>,
}

/// Services by trouble, budgets that burn, open alerts, demand with the coming events.
#[utoipa::path(get, path = "/api/v1/overview", tag = "services", params(RangeArgs), responses((status = 200, body = OverviewBody)))]
pub(crate) async fn show(
    State(state): State<AppState>,
    caller: Caller,
    Args(args): Args<RangeArgs>,
) -> Result<Json<OverviewBody>, ApiError> {
    let principal = caller.through(Door::Services)?;
    let (tenant, now) = (principal.tenant.as_str(), state.clock.now());
    let range = args.range(now)?;
    let may = |door: Door| door.open_to(principal.role);

    let services = services::list(&state.store, tenant, range).await?.services;
    let slos =
        if may(Door::Slos) { slo::rows(&state.store, tenant, &state.slos, now).await? } else { Vec::new() };
    let alerts = if may(Door::Alerts) {
        headroom_alerts::list(&state.control, tenant, Some(AlertState::Firing), super::alerts::MOST)?.alerts
    } else {
        Vec::new()
    };
    let busiest = services.iter().max_by_key(|row| row.calls).map(|row| row.service.clone());
    let demand = match busiest {
        Some(service) if may(Door::Forecasts) => demand(&state, tenant, service, range, now).await?,
        _ => Demand::default(),
    };
    let sentence = sentence(&services, &slos, &alerts);
    Ok(Json(OverviewBody { range, sentence, services, slos, alerts, demand }))
}

/// What pages comes first, then budgets that are spent, then the services.
fn sentence(services: &[ServiceRow], slos: &[SloRow], alerts: &[AlertBody]) -> String {
    let services = overview::sentence(services);
    let spent: Vec<&str> = slos
        .iter()
        .filter(|row| row.budget_remaining.is_some_and(|left| left <= 0.0))
        .map(|row| row.display_name.as_str())
        .collect();
    let worst = alerts.iter().min_by_key(|alert| match alert.severity.as_str() {
        "critical" => 0,
        "major" => 1,
        _ => 2,
    });
    match worst {
        Some(alert) => format!("{} {services}", alert.summary),
        None if !spent.is_empty() => format!("No error budget is left for {}. {services}", spent.join(", ")),
        None => services,
    }
}

async fn demand(
    state: &AppState,
    tenant: &str,
    service: String,
    range: TimeRange,
    now: DateTime<Utc>,
) -> Result<Demand, ApiError> {
    let range = TimeRange::new(range.from, range.to.max(now + AHEAD))?;
    let ForecastBody { points, actual, events, unavailable, .. } =
        headroom_models::read::forecast(&state.store, tenant, &Subject::Requests(service.clone()), range)
            .await?;
    let mut series: std::collections::BTreeMap<DateTime<Utc>, DemandPoint> =
        std::collections::BTreeMap::new();
    let empty = |ts| DemandPoint { ts, actual: None, q50: None, q90: None };
    for point in points {
        let slot = series.entry(point.ts).or_insert_with(|| empty(point.ts));
        (slot.q50, slot.q90) = (Some(point.q50), Some(point.q90));
    }
    for point in actual {
        series.entry(point.ts).or_insert_with(|| empty(point.ts)).actual = Some(point.value);
    }
    Ok(Demand { service: Some(service), series: series.into_values().collect(), events, unavailable })
}

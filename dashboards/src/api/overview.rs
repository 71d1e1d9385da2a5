//! The first page: how does it stand?

use super::alerts::MOST;
use super::arguments::{Args, RangeArgs};
use crate::auth::{Caller, Door};
use crate::error::ApiError;
use crate::state::AppState;
use axum::Json;
use axum::extract::State;
use chrono::{DateTime, TimeDelta, Utc};
use headroom_alerts::AlertBody;
use headroom_capacity::saturation::Saturation;
use headroom_control::AlertState;
use headroom_models::{ForecastBody, ForecastEvent, Subject};
use headroom_query::kept::Kept;
use headroom_query::overview::{self, Signals};
use headroom_query::range::TimeRange;
use headroom_query::services::{self, ServiceRow};
use headroom_query::slo::{self, Burning, SloRow};
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
    /// Requests, failures and durations of all services together.
    signals: Signals,
    /// The fullest resources, for those who may see capacity.
    saturation: Option<Saturation>,
    /// Objectives, for those who may see them.
    slos: Vec<SloRow>,
    /// Those whose budgets burnt fastest in the range.
    burning: Vec<Burning>,
    /// Open alerts, for those who may see them.
    alerts: Vec<AlertBody>,
    /// Alerts that fired within the range, for those who may see them: for the axis.
    fired: Vec<FiredAlert>,
    demand: Demand,
}

/// When an alert fired.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FiredAlert {
    id: String,
    severity: String,
    summary: String,
    started_at: DateTime<Utc>,
    /// Null while it fires.
    resolved_at: Option<DateTime<Utc>>,
}

/// Demand at the busiest service against its forecast, and what is coming.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub(crate) struct Demand {
    /// The service that receives the most requests.
    service: Option<String>,
    series: Vec<DemandPoint>,
    events: Vec<ForecastEvent>,
    /// Why there is no forecast.
    unavailable: Option<String>,
}

/// One minute of demand, in requests per minute.
#[derive(Debug, Clone, Serialize, ToSchema)]
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
    // Many questions at once make a large future; the stack of who waits for it should not hold it.
    let measured = Box::pin(measured(&state, tenant, range, now));
    let measured = state.overview.0.get((tenant.to_owned(), range), now, measured).await?;
    let Measured { services, signals, saturation, slos, burning, demand } = Measured::clone(&measured);
    let (slos, burning) = if may(Door::Slos) { (slos, burning) } else { Default::default() };
    // Alerts are never of a moment ago: somebody is told that there is a new one, and looks.
    let (alerts, fired) = if may(Door::Alerts) {
        let firing = headroom_alerts::list(&state.control, tenant, Some(AlertState::Firing), MOST)?.alerts;
        (firing, fired(&state, tenant, &range)?)
    } else {
        Default::default()
    };
    Ok(Json(OverviewBody {
        range,
        sentence: sentence(&services, &slos, &alerts),
        services,
        signals,
        saturation: may(Door::Capacity).then_some(saturation),
        slos,
        burning,
        alerts,
        fired,
        demand: if may(Door::Forecasts) { demand } else { Demand::default() },
    }))
}

/// How long what was measured is told again: however many look at the overview, the store is asked once.
const FRESH: TimeDelta = TimeDelta::seconds(5);

/// What the overview told a moment ago, by tenant and range. Clones share it.
#[derive(Clone)]
pub struct OverviewKept(Kept<(String, TimeRange), Measured>);

impl Default for OverviewKept {
    fn default() -> Self {
        Self(Kept::new(FRESH))
    }
}

/// What was measured, for every role: the same for all who look at one moment.
#[derive(Debug, Clone)]
struct Measured {
    services: Vec<ServiceRow>,
    signals: Signals,
    saturation: Saturation,
    slos: Vec<SloRow>,
    burning: Vec<Burning>,
    demand: Demand,
}

async fn measured(
    state: &AppState,
    tenant: &str,
    range: TimeRange,
    now: DateTime<Utc>,
) -> Result<Measured, ApiError> {
    let (services, signals, saturation, objectives) = tokio::join!(
        Box::pin(services::list(&state.store, tenant, range)),
        Box::pin(overview::signals(&state.store, tenant, range)),
        Box::pin(state.capacity.saturation(tenant, range)),
        Box::pin(slo::standing(&state.store, tenant, &state.slos, Some(&range), now)),
    );
    let (services, (slos, burning)) = (services?.services, objectives?);
    let demand = match services.iter().max_by_key(|row| row.calls) {
        Some(busiest) => Box::pin(demand(state, tenant, busiest.service.clone(), range, now)).await?,
        None => Demand::default(),
    };
    let saturation = Saturation::clone(&*saturation?);
    Ok(Measured { services, signals: signals?, saturation, slos, burning, demand })
}

/// The newest alerts that fired at any time within a range.
fn fired(state: &AppState, tenant: &str, range: &TimeRange) -> Result<Vec<FiredAlert>, ApiError> {
    let within = |started: DateTime<Utc>, resolved: Option<DateTime<Utc>>| {
        started < range.to && resolved.is_none_or(|resolved| resolved >= range.from)
    };
    let all = state.control.list_alerts(tenant, None, MOST)?.into_iter();
    let fired = all.filter(|alert| within(alert.started_at, alert.resolved_at)).map(|alert| FiredAlert {
        id: alert.id,
        severity: alert.severity,
        summary: alert.summary,
        started_at: alert.started_at,
        resolved_at: alert.resolved_at,
    });
    Ok(fired.collect())
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

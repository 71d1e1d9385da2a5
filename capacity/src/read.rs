//! From the store to what walls and curves are worked out from.

use chrono::{DateTime, TimeDelta, Utc};
use headroom_models::read::Outlook;
use headroom_query::TimeRange;
use headroom_query::capacity::{Scope, ServiceTraffic, graph, resources, traffic};
use headroom_store::Store;

use crate::error::Result;
use crate::walls::{Ahead, Platform, trend};

/// History that the trend is read from.
const TREND_DAYS: i64 = 180;
/// How long the telemetry of a step may take to come in.
const SETTLE: TimeDelta = TimeDelta::seconds(60);
/// How far forecasts are looked at.
const AHEAD_DAYS: i64 = 28;

/// Everything that walls are worked out from: five questions at once, whose answers grow with services and
/// steps and not with spans.
///
/// # Errors
///
/// That of the store, or of a range that is none.
pub async fn platform(store: &Store, tenant: &str, range: TimeRange, now: DateTime<Utc>) -> Result<Platform> {
    let step = traffic::step_seconds(&range);
    let range = whole(range, step, now);
    let long = TimeRange { from: range.to - TimeDelta::days(TREND_DAYS), to: range.to };
    let ahead = TimeRange { from: now, to: now + TimeDelta::days(AHEAD_DAYS) };
    let everything = Scope::default();
    let (services, resources, graph, hours, outlook) = tokio::join!(
        traffic::read(store, tenant, &everything, range, step),
        resources::read(store, tenant, None, range, step),
        graph::read(store, tenant, range),
        traffic::hours(store, tenant, long),
        headroom_models::read::outlook(store, tenant, ahead),
    );
    let (graph, hours) = (graph?, hours?);
    let doors: Vec<&ServiceTraffic> =
        hours.iter().filter(|hour| graph.entries.iter().any(|entry| entry.service == hour.service)).collect();
    Ok(Platform {
        range,
        made_at: now,
        services: services?,
        resources: resources?,
        trend: trend(&doors),
        graph,
        ahead: outlook?.into_iter().map(self::ahead).collect(),
    })
}

/// The steps of a range that are over, and had a minute for their telemetry to come in: half a step has half the
/// requests and some of the instances.
fn whole(range: TimeRange, step_seconds: i64, now: DateTime<Utc>) -> TimeRange {
    let over = range.to.min(now - SETTLE);
    let to = over.timestamp().div_euclid(step_seconds) * step_seconds;
    let to = DateTime::from_timestamp(to, 0).unwrap_or(over);
    if to > range.from { TimeRange { from: range.from, to } } else { range }
}

fn ahead(outlook: Outlook) -> Ahead {
    Ahead {
        service: outlook.service,
        peak: outlook.peak,
        points: outlook.points.into_iter().map(|(ts, per_minute)| (ts, per_minute / 60.0)).collect(),
        events: outlook.events.into_iter().map(|event| (event.name, event.start, event.end)).collect(),
    }
}

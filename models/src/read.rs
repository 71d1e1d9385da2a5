//! Stored forecasts, anomalies and plans, as the bodies of the API.

mod found;

use std::collections::BTreeMap;

use chrono::{DateTime, Duration, Utc};
use clickhouse::Row;
use headroom_query::TimeRange;
use headroom_query::scan::{Compare, Expr, Filter, Key, Literal, ScanQuery};
use headroom_store::Store;
use serde::Deserialize;

use crate::body::{
    ActualPoint, ForecastBody, ForecastEvent, ForecastPoint, PlanBody, PlanStep, ServicePlan, changes,
};
use crate::config::ModelsConfig;
use crate::error::Result;
use crate::plan::Mode;
use crate::subject::{REQUESTS, Subject, series};

pub(crate) use found::newest;
pub use found::{anomalies, skill, subjects};

#[derive(Debug, Row, Deserialize)]
struct StoredForecast {
    made: i64,
    at: i64,
    q50: f64,
    q80: f64,
    q90: f64,
    q95: f64,
    q99: f64,
    q999: f64,
    events: Vec<String>,
    model: String,
}

#[derive(Debug, Row, Deserialize)]
struct StoredPlan {
    service: String,
    made: i64,
    at: i64,
    replicas: u32,
    reactive: u32,
    reason: String,
    mode: String,
}

impl StoredPlan {
    fn step(self) -> PlanStep {
        let Self { at, replicas, reactive, reason, mode, .. } = self;
        PlanStep { ts: instant(at), replicas, reactive, reason, mode: Mode::of(&mode) }
    }
}

/// The forecast of a subject over a range, beside what was measured. A point in the past is the last one that was
/// made before its minute, so that the two may be compared honestly.
pub async fn forecast(
    store: &Store,
    tenant: &str,
    subject: &Subject,
    range: TimeRange,
) -> Result<ForecastBody> {
    let scan = ScanQuery::rows(tenant, "forecasts")
        .filter(found::of(subject))
        .filter(Filter::within("ts", &range))
        .key(Key::new(Expr::Nanos("made_at".into()), "made"))
        .key(Key::new(Expr::Nanos("ts".into()), "at"))
        .columns(["q50", "q80", "q90", "q95", "q99", "q999", "events", "model"])
        .ascending("at")
        .ascending("made");
    let (rows, minutes, anomalies, skill) = tokio::join!(
        scan.fetch::<StoredForecast>(store),
        subject.minutes(store, tenant, range),
        found::anomalies(store, tenant, Some(subject), range),
        found::skill(store, tenant, subject)
    );
    let (rows, minutes, anomalies, skill) = (rows?, minutes?, anomalies?, skill?);
    let newest = rows.iter().max_by_key(|r| r.made).map(|r| (r.made, r.model.clone()));
    let latest: BTreeMap<i64, StoredForecast> = rows.into_iter().map(|row| (row.at, row)).collect();
    let events = events(latest.values().flat_map(|row| &row.events));
    let points: Vec<ForecastPoint> = latest.into_values().map(|row| point(&row)).collect();
    let end = minutes.last().map_or(range.to, |last| last.at + Duration::minutes(1));
    let measured = series(&minutes, end);
    let actual = measured.values.iter().enumerate();
    let actual = actual.filter_map(|(i, v)| Some(ActualPoint { ts: measured.at(i), value: (*v)? })).collect();
    let unavailable = points.is_empty().then(|| {
        let name = subject.name();
        format!("no forecast of {name} is stored for this range; the first one needs half a day of measured minutes")
    });
    let (made_at, model) = newest.map(|(made, model)| (instant(made), model)).unzip();
    Ok(ForecastBody {
        service: subject.service().to_owned(),
        metric: subject.metric().to_owned(),
        made_at,
        model,
        points,
        actual,
        events,
        anomalies,
        skill,
        unavailable,
    })
}

/// The plan from `now` on, for one service or all: the step in force, and every change after it.
pub async fn plan(
    store: &Store,
    tenant: &str,
    service: Option<&str>,
    now: DateTime<Utc>,
    config: &ModelsConfig,
) -> Result<PlanBody> {
    let since = now - Duration::minutes(10);
    let scan = ScanQuery::rows(tenant, "plans")
        .filter_opt(service.map(|s| Filter::eq("service", s)))
        .filter(Filter::compare("ts", Compare::GreaterEq, Literal::Time(since)))
        .columns(["service"])
        .key(Key::new(Expr::Nanos("made_at".into()), "made"))
        .key(Key::new(Expr::Nanos("ts".into()), "at"))
        .columns(["replicas", "reactive", "reason", "mode"])
        .ascending("service")
        .ascending("at")
        .ascending("made");
    let rows: Vec<StoredPlan> = scan.fetch(store).await?;
    let made_at = rows.iter().map(|r| r.made).max().map(instant);
    let mut latest: BTreeMap<String, BTreeMap<i64, StoredPlan>> = BTreeMap::new();
    for row in rows {
        latest.entry(row.service.clone()).or_default().insert(row.at, row);
    }
    let services = latest.into_iter().map(|(service, rows)| {
        let capacity = config.services.get(&service);
        ServicePlan {
            capacity_per_replica: capacity.map(|c| c.requests_per_minute),
            lead_seconds: capacity.map(|c| c.lead_seconds),
            quantile: capacity.map(headroom_plan::ServiceCapacity::quantile),
            steps: steps(rows.into_values(), now),
            service,
        }
    });
    Ok(PlanBody { made_at, services: services.collect() })
}

/// What is forecast for one service from now on.
#[derive(Debug, Clone, PartialEq)]
pub struct Outlook {
    /// The service.
    pub service: String,
    /// `(moment, requests a minute that 19 of 20 such moments stay below)`, in time order.
    pub points: Vec<(DateTime<Utc>, f64)>,
    /// The moment with the highest of them, with all its quantiles.
    pub peak: Option<ForecastPoint>,
    /// Known events that lift it.
    pub events: Vec<ForecastEvent>,
}

#[derive(Debug, Row, Deserialize)]
struct OutlookRow {
    service: String,
    at: i64,
    q50: f64,
    q80: f64,
    q90: f64,
    q95: f64,
    q99: f64,
    q999: f64,
    events: Vec<String>,
}

impl OutlookRow {
    fn point(&self) -> ForecastPoint {
        let Self { q50, q80, q90, q95, q99, q999, .. } = *self;
        ForecastPoint { ts: instant(self.at), q50, q80, q90, q95, q99, q999 }
    }
}

/// The newest forecast of every service over a range, by service. One query.
pub async fn outlook(store: &Store, tenant: &str, range: TimeRange) -> Result<Vec<Outlook>> {
    let scan = ScanQuery::rows(tenant, "forecasts")
        .filter(Filter::eq("metric", REQUESTS))
        .filter(Filter::within("ts", &range))
        .columns(["service"])
        .key(Key::new(Expr::Nanos("ts".into()), "at"))
        .columns(["q50", "q80", "q90", "q95", "q99", "q999", "events"])
        .ascending("service")
        .ascending("at")
        .descending("made_at")
        .once_by(["service", "ts"]);
    let rows: Vec<OutlookRow> = scan.fetch(store).await?;
    let mut services: BTreeMap<String, Vec<OutlookRow>> = BTreeMap::new();
    for row in rows {
        services.entry(row.service.clone()).or_default().push(row);
    }
    let outlook = services.into_iter().map(|(service, rows)| Outlook {
        service,
        points: rows.iter().map(|row| (instant(row.at), row.q95)).collect(),
        peak: rows.iter().max_by(|a, b| a.q95.total_cmp(&b.q95)).map(OutlookRow::point),
        events: events(rows.iter().flat_map(|row| &row.events)),
    });
    Ok(outlook.collect())
}

/// The changes of a plan; what lies before `now` is left out but for the step then in force.
fn steps(rows: impl Iterator<Item = StoredPlan>, now: DateTime<Utc>) -> Vec<PlanStep> {
    let mut minutes: Vec<PlanStep> = rows.map(StoredPlan::step).collect();
    let due = minutes.partition_point(|minute| minute.ts <= now);
    minutes.drain(..due.saturating_sub(1));
    changes(minutes)
}

/// The events that stand beside forecasts, each once, with the largest multiplier it has in them.
fn events<'a>(texts: impl Iterator<Item = &'a String>) -> Vec<ForecastEvent> {
    let mut found: BTreeMap<(DateTime<Utc>, String), ForecastEvent> = BTreeMap::new();
    for text in texts {
        let Ok(event) = serde_json::from_str::<ForecastEvent>(text) else {
            tracing::warn!(text, "an event stored beside a forecast could not be read");
            continue;
        };
        let known = found.entry((event.start, event.name.clone())).or_insert_with(|| event.clone());
        if (event.multiplier.ln()).abs() > known.multiplier.ln().abs() {
            *known = event;
        }
    }
    found.into_values().collect()
}

fn point(row: &StoredForecast) -> ForecastPoint {
    let StoredForecast { q50, q80, q90, q95, q99, q999, .. } = *row;
    ForecastPoint { ts: instant(row.at), q50, q80, q90, q95, q99, q999 }
}

fn instant(nanos: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_nanos(nanos)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(minute: i64, replicas: u32) -> StoredPlan {
        let at = minute * 60_000_000_000;
        StoredPlan {
            service: "a".into(),
            made: 0,
            at,
            replicas,
            reactive: 1,
            reason: format!("step {minute}"),
            mode: "act".into(),
        }
    }

    #[test]
    fn steps_begin_with_the_one_in_force_and_hold_only_changes() {
        let rows = [row(0, 4), row(1, 4), row(2, 6), row(3, 6), row(4, 6), row(5, 5)];
        let found = steps(rows.into_iter(), instant(3 * 60_000_000_000));
        let short: Vec<_> = found.iter().map(|s| (s.ts.timestamp() / 60, s.replicas)).collect();
        assert_eq!(short, [(3, 6), (5, 5)]);
    }
}

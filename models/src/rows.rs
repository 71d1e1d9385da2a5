//! The rows of the tables `forecasts`, `anomalies`, `forecast_skill` and `plans`.

use chrono::{DateTime, Utc};
use clickhouse::Row;
use serde::{Deserialize, Serialize};

use crate::body::ForecastEvent;
use crate::forecast::anomaly::Anomaly;
use crate::forecast::backtest::{Report, Score};
use crate::forecast::{Forecaster, SeasonalNaive};
use crate::subject::Subject;

/// One minute's forecast as it is stored.
#[derive(Debug, Clone, PartialEq, Row, Serialize, Deserialize)]
pub(crate) struct ForecastRow {
    pub(crate) tenant: String,
    pub(crate) metric: String,
    /// Empty of a series that belongs to none.
    pub(crate) service: String,
    /// Milliseconds since the epoch.
    pub(crate) made_at: i64,
    /// Seconds since the epoch.
    pub(crate) ts: i64,
    pub(crate) q50: f64,
    pub(crate) q80: f64,
    pub(crate) q90: f64,
    pub(crate) q95: f64,
    pub(crate) q99: f64,
    pub(crate) q999: f64,
    /// Each an event as JSON, in the form of [`ForecastEvent`].
    pub(crate) events: Vec<String>,
    pub(crate) model: String,
}

/// One anomaly as it is stored.
#[derive(Debug, Clone, PartialEq, Row, Serialize, Deserialize)]
pub(crate) struct AnomalyRow {
    pub(crate) tenant: String,
    pub(crate) metric: String,
    pub(crate) service: String,
    /// Seconds since the epoch.
    pub(crate) ts: i64,
    pub(crate) kind: String,
    pub(crate) side: String,
    /// Seconds since the epoch.
    pub(crate) since: i64,
    pub(crate) value: f64,
    pub(crate) expected: f64,
    pub(crate) score: f64,
    pub(crate) tail: f64,
    /// Empty where no event is on.
    pub(crate) event: String,
    pub(crate) reason: String,
    /// Milliseconds since the epoch.
    pub(crate) detected_at: i64,
}

impl AnomalyRow {
    pub(crate) fn new(tenant: &str, subject: &Subject, found: Anomaly, detected_at: DateTime<Utc>) -> Self {
        Self {
            tenant: tenant.to_owned(),
            metric: subject.metric().to_owned(),
            service: subject.service().to_owned(),
            ts: found.ts.timestamp(),
            kind: found.kind.id().to_owned(),
            side: found.side.id().to_owned(),
            since: found.since.timestamp(),
            value: found.value,
            expected: found.expected,
            score: found.score,
            tail: found.tail,
            event: found.event.unwrap_or_default(),
            reason: found.reason,
            detected_at: detected_at.timestamp_millis(),
        }
    }
}

/// What a back-test found of one forecaster, over all steps or a part of them, as it is stored.
#[derive(Debug, Clone, PartialEq, Row, Serialize, Deserialize)]
pub(crate) struct SkillRow {
    pub(crate) tenant: String,
    pub(crate) metric: String,
    pub(crate) service: String,
    /// Milliseconds since the epoch.
    pub(crate) made_at: i64,
    pub(crate) model: String,
    pub(crate) chosen: bool,
    /// `all`, `event` or `lead`.
    pub(crate) kind: String,
    /// `all`; a class of events, or `ordinary`; a distance from the origin.
    pub(crate) part: String,
    pub(crate) points: u32,
    /// Over the mean demand of these steps.
    pub(crate) pinball90: f64,
    pub(crate) coverage90: f64,
    /// Against the same step a day before.
    pub(crate) relative_mae: Option<f64>,
    pub(crate) relative_wql: Option<f64>,
}

impl SkillRow {
    /// The rows of one choice: a part without demand has no scores, and no row.
    pub(crate) fn of(
        tenant: &str,
        subject: &Subject,
        made_at: DateTime<Utc>,
        chosen: &str,
        reports: &[Report],
    ) -> Vec<Self> {
        const NINETY: usize = 2;
        let naive = reports.iter().find(|report| report.name == SeasonalNaive { days: 1 }.name());
        let scored = reports.iter().flat_map(|report| parts(report).map(move |part| (report, part)));
        let rows = scored.filter(|(_, (_, _, score))| score.wape().is_finite());
        rows.map(|(report, (kind, part, score))| {
            let other = naive.and_then(|naive| parts(naive).find(|p| (p.0, p.1) == (kind, part)));
            let relative = |figure: fn(&Score, &Score) -> Option<f64>| figure(score, other?.2);
            Self {
                tenant: tenant.to_owned(),
                metric: subject.metric().to_owned(),
                service: subject.service().to_owned(),
                made_at: made_at.timestamp_millis(),
                model: report.name.clone(),
                chosen: report.name == chosen,
                kind: kind.to_owned(),
                part: part.to_owned(),
                points: u32::try_from(score.steps).unwrap_or(u32::MAX),
                pinball90: score.pinball()[NINETY],
                coverage90: score.coverage()[NINETY],
                relative_mae: relative(Score::relative_mae),
                relative_wql: relative(Score::relative_wql),
            }
        })
        .collect()
    }
}

/// Every score of a report, with its kind and part.
fn parts(report: &Report) -> impl Iterator<Item = (&'static str, &str, &Score)> {
    let events = report.strata.iter().map(|(class, score)| ("event", class.as_str(), score));
    let leads = report.leads.iter().map(|(lead, score)| ("lead", lead.as_str(), score));
    std::iter::once(("all", "all", &report.all)).chain(events).chain(leads)
}

/// One minute's plan as it is stored.
#[derive(Debug, Clone, PartialEq, Row, Serialize, Deserialize)]
pub(crate) struct PlanRow {
    pub(crate) tenant: String,
    pub(crate) service: String,
    /// Milliseconds since the epoch.
    pub(crate) made_at: i64,
    /// Seconds since the epoch.
    pub(crate) ts: i64,
    pub(crate) replicas: u32,
    pub(crate) reactive: u32,
    pub(crate) reason: String,
    /// [`Mode::id`](crate::plan::Mode::id), in which it was made.
    pub(crate) mode: String,
}

/// An event as it is stored beside the minutes it moves.
pub(crate) fn event_text(event: &ForecastEvent) -> String {
    serde_json::to_string(event).expect("invariant: an event has string keys and finite numbers")
}

//! What was found beside the forecasts: anomalies, and how good the forecasters are.

use std::collections::BTreeMap;

use chrono::{DateTime, Duration, Utc};
use clickhouse::Row;
use headroom_query::TimeRange;
use headroom_query::scan::{Aggregate, Compare, Expr, Filter, Function, Key, Literal, ScanQuery};
use headroom_store::Store;
use serde::Deserialize;

use super::instant;
use crate::body::{AnomalyBody, ForecastSubject, ModelSkill, SkillBody, SkillPart};
use crate::error::Result;
use crate::forecast::anomaly;
use crate::subject::Subject;

/// Anomalies given at once.
const MOST: u64 = 1000;
/// How long back the newest forecast is looked for.
const BACK_DAYS: i64 = 28;

#[derive(Debug, Row, Deserialize)]
struct StoredAnomaly {
    metric: String,
    service: String,
    at: i64,
    began: i64,
    found: i64,
    kind: String,
    side: String,
    value: f64,
    expected: f64,
    score: f64,
    tail: f64,
    event: String,
    reason: String,
}

#[derive(Debug, Row, Deserialize)]
struct StoredSkill {
    made: i64,
    model: String,
    chosen: bool,
    kind: String,
    part: String,
    points: u32,
    pinball90: f64,
    coverage90: f64,
    relative_mae: Option<f64>,
    relative_wql: Option<f64>,
}

/// What is forecast now: the metric and the service of each stored forecast of the coming hour, in their order.
pub async fn subjects(store: &Store, tenant: &str, now: DateTime<Utc>) -> Result<Vec<ForecastSubject>> {
    #[derive(Debug, Row, Deserialize)]
    struct Named {
        metric: String,
        service: String,
    }
    let hour = TimeRange { from: now, to: now + Duration::hours(1) };
    let scan = ScanQuery::aggregate(tenant, "forecasts")
        .filter(Filter::within("ts", &hour))
        .columns(["metric", "service"])
        .ascending("metric")
        .ascending("service");
    let rows: Vec<Named> = scan.fetch(store).await?;
    let subject = |Named { metric, service }| ForecastSubject { metric, service };
    Ok(rows.into_iter().map(subject).collect())
}

/// The rows of a subject.
pub(super) fn of(subject: &Subject) -> Filter {
    Filter::And(vec![Filter::eq("metric", subject.metric()), Filter::eq("service", subject.service())])
}

/// Where demand was not as forecast, of one subject or all: what no event explains first, then by score.
pub async fn anomalies(
    store: &Store,
    tenant: &str,
    subject: Option<&Subject>,
    range: TimeRange,
) -> Result<Vec<AnomalyBody>> {
    let scan = ScanQuery::rows(tenant, "anomalies")
        .filter_opt(subject.map(of))
        .filter(Filter::within("ts", &range))
        .columns(["metric", "service"])
        .key(Key::new(Expr::Nanos("ts".into()), "at"))
        .key(Key::new(Expr::Nanos("since".into()), "began"))
        .key(Key::new(Expr::Nanos("detected_at".into()), "found"))
        .columns(["kind", "side", "value", "expected", "score", "tail", "event", "reason"])
        .descending("at")
        .ascending("metric")
        .ascending("service")
        .descending("found")
        .once_by(["metric", "service", "ts"])
        .limit(MOST);
    let rows: Vec<StoredAnomaly> = scan.fetch(store).await?;
    let mut found: Vec<AnomalyBody> = rows.into_iter().map(StoredAnomaly::body).collect();
    anomaly::rank_by(&mut found, |body| (body.event.is_some(), body.score, body.ts));
    Ok(found)
}

impl StoredAnomaly {
    fn body(self) -> AnomalyBody {
        AnomalyBody {
            service: self.service,
            metric: self.metric,
            ts: instant(self.at),
            since: instant(self.began),
            kind: self.kind,
            side: self.side,
            value: self.value,
            expected: self.expected,
            score: self.score,
            tail: self.tail,
            event: Some(self.event).filter(|event| !event.is_empty()),
            reason: self.reason,
            detected_at: instant(self.found),
        }
    }
}

/// What the newest back-test of a subject's forecasters found; nothing when none was made.
pub async fn skill(store: &Store, tenant: &str, subject: &Subject) -> Result<Option<SkillBody>> {
    let figures = ["points", "pinball90", "coverage90", "relative_mae", "relative_wql"];
    let all = ScanQuery::aggregate(tenant, "forecast_skill").filter(of(subject));
    let Some(made) = newest_of(store, all).await? else { return Ok(None) };
    let scan = ScanQuery::rows(tenant, "forecast_skill")
        .filter(of(subject))
        .filter(Filter::compare("made_at", Compare::GreaterEq, Literal::Time(made)))
        .key(Key::new(Expr::Nanos("made_at".into()), "made"))
        .columns(["model", "chosen", "kind", "part"])
        .columns(figures)
        .ascending("model")
        .ascending("kind")
        .ascending("part")
        .once_by(["model", "kind", "part"]);
    Ok(skill_of(scan.fetch(store).await?))
}

fn skill_of(rows: Vec<StoredSkill>) -> Option<SkillBody> {
    let made_at = instant(rows.first()?.made);
    let chosen = rows.iter().find(|row| row.chosen)?.model.clone();
    let mut models: BTreeMap<String, Vec<SkillPart>> = BTreeMap::new();
    for row in rows {
        let StoredSkill { kind, part, points, pinball90, coverage90, relative_mae, relative_wql, .. } = row;
        let part = SkillPart { kind, part, points, pinball90, coverage90, relative_mae, relative_wql };
        models.entry(row.model).or_default().push(part);
    }
    let mut models: Vec<_> = models.into_iter().map(|(model, parts)| ModelSkill { model, parts }).collect();
    let loss = |skill: &ModelSkill| {
        let all = skill.parts.iter().find(|part| part.kind == "all");
        all.map_or(f64::INFINITY, |all| all.relative_wql.unwrap_or(all.pinball90))
    };
    models.sort_by(|a, b| loss(a).total_cmp(&loss(b)));
    Some(SkillBody { made_at, chosen, models })
}

/// When the newest forecast of a subject was made, if one was made in the last weeks.
pub(crate) async fn newest(
    store: &Store,
    tenant: &str,
    subject: &Subject,
    now: DateTime<Utc>,
) -> Result<Option<DateTime<Utc>>> {
    let since = now - Duration::days(BACK_DAYS);
    let scan = ScanQuery::aggregate(tenant, "forecasts").filter(of(subject)).filter(Filter::compare(
        "ts",
        Compare::GreaterEq,
        Literal::Time(since),
    ));
    newest_of(store, scan).await
}

/// The newest `made_at` of some rows, if there are any.
async fn newest_of(store: &Store, scan: ScanQuery) -> Result<Option<DateTime<Utc>>> {
    #[derive(Debug, Row, Deserialize)]
    struct Newest {
        rows: u64,
        made: i64,
    }
    let newest = Aggregate::new(Function::Max(Expr::Nanos("made_at".into())), "made");
    let found: Vec<Newest> = scan.aggregates([Aggregate::count("rows"), newest]).fetch(store).await?;
    Ok(found.first().filter(|found| found.rows > 0).map(|found| instant(found.made)))
}

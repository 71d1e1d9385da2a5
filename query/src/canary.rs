//! A new version beside the old one: what both did in the same minutes, judged by [`headroom_canary`].
//!
//! Three metrics: the share of failed requests by minute, the latency of all requests as a histogram, and the share of
//! business events that are good by minute. Events belong to the version whose span of the service is in their trace.

use std::collections::BTreeMap;

use clickhouse::Row;
use headroom_canary::{Direction, Effect, Importance, Limits, Metric, Missing, Observed, Outliers};
use headroom_store::{Store, literal};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::error::{QueryError, Result};
use crate::range::TimeRange;
use crate::rates::RECEIVED;

/// Buckets for each doubling of latency, as a power of two: 16 buckets, 4.4 % wide.
const SCALE: u8 = 4;
/// Latencies up to this ratio are no worse: with many requests any difference is significant.
const SLOWER: f64 = 1.1;

/// The two versions of a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Versions<'a> {
    /// The service.
    pub service: &'a str,
    /// `service.version` of what ran before.
    pub baseline: &'a str,
    /// `service.version` of what is to be judged.
    pub candidate: &'a str,
}

/// Which business events count, by their names.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Business {
    /// Those that are good, such as `order.filled`.
    pub good: Vec<String>,
    /// All that count, the good ones among them.
    pub all: Vec<String>,
}

/// What two versions did, ready to be judged.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// Requests that the baseline answered.
    pub baseline_calls: u64,
    /// Requests that the candidate answered.
    pub candidate_calls: u64,
    /// The metrics.
    pub metrics: Vec<Metric>,
}

#[derive(Debug, Row, Deserialize)]
struct MinuteRow {
    version: String,
    minute: i64,
    part: u64,
    whole: u64,
}

#[derive(Debug, Row, Deserialize)]
struct BucketRow {
    version: String,
    bucket: i32,
    calls: u64,
}

/// Reads what both versions did in a range: two queries over spans, a third where business events are named.
///
/// # Errors
/// [`QueryError::BadRequest`] for versions that are one, or events of which the good ones are not among all.
pub async fn compare(
    store: &Store,
    tenant: &str,
    versions: &Versions<'_>,
    business: Option<&Business>,
    range: TimeRange,
) -> Result<Comparison> {
    check(versions, business)?;
    let spans = spans(store, tenant, versions, range);
    let failed = format!(
        "SELECT version, toInt64(toUnixTimestamp(toStartOfMinute(ts))) AS minute, countIf(status = 'error') AS part, \
         count() AS whole FROM {spans} GROUP BY version, minute ORDER BY version, minute"
    );
    let failed: Vec<MinuteRow> = store.rows(&failed).await?;
    let latency = format!(
        "SELECT version, toInt32(ceil(log2(greatest(duration_ns, 1)) * {}) - 1) AS bucket, count() AS calls \
         FROM {spans} GROUP BY version, bucket",
        1 << SCALE
    );
    let latency: Vec<BucketRow> = store.rows(&latency).await?;
    let mut metrics = vec![
        by_minute("failed requests", &failed, versions, Direction::Increase),
        histogram("latency", &latency, versions),
    ];
    if let Some(business) = business {
        let rows = events(store, tenant, &spans, business, range).await?;
        metrics.push(by_minute("good business events", &rows, versions, Direction::Decrease));
    }
    let calls = |version: &str| failed.iter().filter(|row| row.version == version).map(|row| row.whole).sum();
    let (baseline_calls, candidate_calls) = (calls(versions.baseline), calls(versions.candidate));
    Ok(Comparison { baseline_calls, candidate_calls, metrics })
}

fn check(versions: &Versions<'_>, business: Option<&Business>) -> Result<()> {
    let refuse = |message: &str, hint: &str| Err(QueryError::bad_request(message, hint));
    if [versions.service, versions.baseline, versions.candidate].iter().any(|text| text.is_empty()) {
        return refuse("the service and both versions must be named", "give service, baseline and candidate");
    }
    if versions.baseline == versions.candidate {
        return refuse("baseline and candidate are the same version", "name two versions of the service");
    }
    match business {
        Some(events)
            if events.all.is_empty() || !events.good.iter().all(|good| events.all.contains(good)) =>
        {
            refuse("events.all must hold every event that counts", "name the good ones in both lists")
        }
        _ => Ok(()),
    }
}

/// The requests of both versions in a range, each span once.
fn spans(store: &Store, tenant: &str, versions: &Versions<'_>, range: TimeRange) -> String {
    format!(
        "(SELECT version, ts, duration_ns, status, trace_id, span_id FROM {} WHERE tenant = {} AND service = {} AND version IN {} \
         AND kind IN {} AND ts >= {} AND ts < {} LIMIT 1 BY trace_id, span_id)",
        store.table("spans"),
        literal::string(tenant),
        literal::string(versions.service),
        literal::tuple([versions.baseline, versions.candidate].map(literal::string)),
        literal::tuple(RECEIVED.map(literal::string)),
        literal::ts(range.from),
        literal::ts(range.to),
    )
}

/// Business events by the version that handled them, each event once.
async fn events(
    store: &Store,
    tenant: &str,
    spans: &str,
    business: &Business,
    range: TimeRange,
) -> Result<Vec<MinuteRow>> {
    let names = |names: &[String]| literal::tuple(names.iter().map(|name| literal::string(name)));
    let sql = format!(
        "SELECT version, toInt64(toUnixTimestamp(toStartOfMinute(e.ts))) AS minute, \
         uniqExactIf(e.event_id, e.name IN {good}) AS part, uniqExact(e.event_id) AS whole \
         FROM {events} AS e INNER JOIN (SELECT DISTINCT trace_id, version FROM {spans}) AS s ON e.trace_id = s.trace_id \
         WHERE e.tenant = {tenant} AND e.name IN {all} AND e.ts >= {from} AND e.ts < {to} \
         GROUP BY version, minute ORDER BY version, minute",
        good = names(&business.good),
        all = names(&business.all),
        events = store.table("events"),
        tenant = literal::string(tenant),
        from = literal::ts(range.from),
        to = literal::ts(range.to),
    );
    Ok(store.rows(&sql).await?)
}

/// The share of each minute, of minutes in which both versions were seen.
fn by_minute(name: &str, rows: &[MinuteRow], versions: &Versions<'_>, direction: Direction) -> Metric {
    let of = |version: &str| -> BTreeMap<i64, f64> {
        let own = rows.iter().filter(|row| row.version == version && row.whole > 0);
        own.map(|row| (row.minute, row.part as f64 / row.whole as f64)).collect()
    };
    let (control, experiment) = (of(versions.baseline), of(versions.candidate));
    let both = |own: &BTreeMap<i64, f64>, other: &BTreeMap<i64, f64>| {
        own.iter().filter(|(minute, _)| other.contains_key(minute)).map(|(_, share)| Some(*share)).collect()
    };
    let observed =
        Observed::Values { control: both(&control, &experiment), experiment: both(&experiment, &control) };
    metric(name, observed, direction, None)
}

fn histogram(name: &str, rows: &[BucketRow], versions: &Versions<'_>) -> Metric {
    let of = |version: &str| -> BTreeMap<i32, u64> {
        rows.iter().filter(|row| row.version == version).map(|row| (row.bucket, row.calls)).collect()
    };
    let observed = Observed::Buckets {
        scale: SCALE,
        control: of(versions.baseline),
        experiment: of(versions.candidate),
    };
    let allowed = Limits { increase: SLOWER, decrease: 1.0 / SLOWER };
    metric(name, observed, Direction::Increase, Some(allowed))
}

fn metric(name: &str, observed: Observed, direction: Direction, allowed: Option<Limits>) -> Metric {
    Metric {
        name: name.to_owned(),
        groups: Vec::new(),
        observed,
        direction,
        missing: Missing::Remove,
        outliers: Outliers::Keep,
        importance: Importance::Critical,
        must_have_data: false,
        effect: Effect::MeanRatio,
        allowed,
        critical: None,
    }
}

//! Load tests that are kept: imported results, and stretches of live traffic that somebody marked as a test.

use chrono::{DateTime, Utc};
use clickhouse::Row;
use headroom_query::TimeRange;
use headroom_query::capacity::{Scope, ServiceTraffic, traffic};
use headroom_query::latency::{Buckets, LatencyQuery};
use headroom_query::scan::{Expr, Filter, Key, ScanQuery};
use headroom_store::Store;
use headroom_store::schema::LOAD_TESTS;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use xxhash_rust::xxh3::xxh3_128;

use crate::curve::fit::{CurveFit, FitOptions, LoadModel, fit};
use crate::curve::points::Point;
use crate::error::{CapacityError, Result};
use crate::load_test::{ConcurrencyFrom, Latency, LoadTest, Model, ModelVerdict, Rest, Stretch, Tool};

/// Width of the steps of a marked stretch.
const STEP_SECONDS: i64 = 60;
/// Most tests in one list.
const MOST: u64 = 500;

/// A load test that is kept.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct StoredTest {
    /// Made from its contents: what is stored twice is there once.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// The service it was put on.
    pub service: String,
    /// When it was stored.
    pub made_at: DateTime<Utc>,
    /// The test.
    pub test: LoadTest,
    /// The curve of its steps.
    pub fit: CurveFit,
}

/// A load test in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct TestRow {
    /// To ask for it.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// The service it was put on.
    pub service: String,
    /// The load generator, or `live`.
    pub tool: String,
    /// When it began; when it was stored where its file does not tell.
    pub started: DateTime<Utc>,
    /// When it ended.
    pub ended: DateTime<Utc>,
}

/// Body of `GET /api/v1/capacity/load-tests`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct TestList {
    /// The latest first, at most five hundred.
    pub tests: Vec<TestRow>,
}

#[derive(Debug, Row, Serialize, Deserialize)]
struct TestRowStored {
    tenant: String,
    id: String,
    name: String,
    service: String,
    tool: String,
    started: i64,
    ended: i64,
    body: String,
    made_at: i64,
}

#[derive(Debug, Row, Deserialize)]
struct ListRow {
    id: String,
    name: String,
    service: String,
    tool: String,
    from: i64,
    until: i64,
}

#[derive(Debug, Row, Deserialize)]
struct BodyRow {
    name: String,
    service: String,
    body: String,
    made: i64,
}

/// The curve of a test's steps.
pub fn curve(test: &LoadTest) -> CurveFit {
    let points: Vec<Point> = test
        .points()
        .into_iter()
        .map(|point| Point { load: point.load, throughput: point.throughput })
        .collect();
    let load_model = match test.model.model {
        Model::Open => LoadModel::Open,
        Model::Closed => LoadModel::Closed,
        Model::Unknown => LoadModel::Unknown,
    };
    fit(&points, &FitOptions { load_model, ..FitOptions::default() })
}

/// Keeps a test. The same test again is the same row.
///
/// # Errors
///
/// Those of the store.
pub async fn save(
    store: &Store,
    tenant: &str,
    service: &str,
    name: &str,
    test: LoadTest,
    now: DateTime<Utc>,
) -> Result<StoredTest> {
    let body = serde_json::to_string(&test).map_err(|error| CapacityError::Unreadable(error.to_string()))?;
    let id = format!("{:032x}", xxh3_128(format!("{service}\u{0}{name}\u{0}{body}").as_bytes()));
    let started = test.started.unwrap_or(now);
    let length = chrono::TimeDelta::milliseconds((test.duration_seconds * 1e3) as i64);
    let tool = serde_json::to_value(test.tool).ok().and_then(|tool| tool.as_str().map(str::to_owned));
    let row = TestRowStored {
        tenant: tenant.to_owned(),
        id: id.clone(),
        name: name.to_owned(),
        service: service.to_owned(),
        tool: tool.unwrap_or_default(),
        started: started.timestamp_millis(),
        ended: (started + length).timestamp_millis(),
        body,
        made_at: now.timestamp_millis(),
    };
    store.insert_rows(LOAD_TESTS, &[row]).await?;
    let (service, name) = (service.to_owned(), name.to_owned());
    Ok(StoredTest { id, name, service, made_at: now, fit: curve(&test), test })
}

/// The tests of a service, or all.
///
/// # Errors
///
/// Those of the store.
pub async fn list(store: &Store, tenant: &str, service: Option<&str>) -> Result<TestList> {
    let scan = ScanQuery::rows(tenant, LOAD_TESTS)
        .filter_opt(service.map(|service| Filter::eq("service", service)))
        .columns(["id", "name", "service", "tool"])
        .key(Key::new(Expr::Nanos("started".to_owned()), "from"))
        .key(Key::new(Expr::Nanos("ended".to_owned()), "until"))
        .descending("from")
        .ascending("id")
        .once_by(["id"])
        .limit(MOST);
    let rows: Vec<ListRow> = scan.fetch(store).await?;
    let instant = DateTime::from_timestamp_nanos;
    let tests = rows.into_iter().map(|row| TestRow {
        id: row.id,
        name: row.name,
        service: row.service,
        tool: row.tool,
        started: instant(row.from),
        ended: instant(row.until),
    });
    Ok(TestList { tests: tests.collect() })
}

/// One test; none where there is no such id.
///
/// # Errors
///
/// Those of the store, and a row that another version of this program wrote.
pub async fn show(store: &Store, tenant: &str, id: &str) -> Result<Option<StoredTest>> {
    let scan = ScanQuery::rows(tenant, LOAD_TESTS)
        .filter(Filter::eq("id", id))
        .columns(["name", "service", "body"])
        .key(Key::new(Expr::Nanos("made_at".to_owned()), "made"))
        .descending("made")
        .limit(1);
    let rows: Vec<BodyRow> = scan.fetch(store).await?;
    let Some(row) = rows.into_iter().next() else { return Ok(None) };
    let test: LoadTest = serde_json::from_str(&row.body)
        .map_err(|error| CapacityError::Unreadable(format!("the load test {id}: {error}")))?;
    Ok(Some(StoredTest {
        id: id.to_owned(),
        name: row.name,
        service: row.service,
        made_at: DateTime::from_timestamp_nanos(row.made),
        fit: curve(&test),
        test,
    }))
}

/// A stretch of live traffic as a load test: a step a minute, as the service's spans tell it.
///
/// # Errors
///
/// Those of the store; a stretch without requests.
pub async fn live(
    store: &Store,
    tenant: &str,
    service: &str,
    name: &str,
    range: TimeRange,
) -> Result<LoadTest> {
    let range = range.aligned(STEP_SECONDS);
    let scope = Scope { service: Some(service.to_owned()), ..Scope::default() };
    let query = LatencyQuery::new(service, range);
    let (traffic, latency) = tokio::try_join!(
        traffic::read(store, tenant, &scope, range, STEP_SECONDS),
        headroom_query::latency::per_step(store, tenant, &query, STEP_SECONDS)
    )?;
    let Some(traffic) = traffic.first() else {
        return Err(CapacityError::Query(headroom_query::QueryError::not_found(
            format!(
                "{service} received no requests from {} to {}",
                range.from.to_rfc3339(),
                range.to.to_rfc3339()
            ),
            "mark a stretch in which the service was under load",
        )));
    };
    let mut all = Buckets::default();
    let empty = Buckets::default();
    let steps: Vec<Stretch> = traffic
        .steps
        .iter()
        .map(|step| {
            let buckets = latency.get(&step.ts).unwrap_or(&empty);
            all.merge(buckets);
            stretch(step.ts, STEP_SECONDS, step.calls, step.errors, step.busy_ns, buckets)
        })
        .collect();
    let sum = |of: fn(&traffic::Step) -> u64| traffic.steps.iter().map(of).sum::<u64>();
    let seconds = range.length().num_seconds();
    let (calls, errors, busy) = (sum(|s| s.calls), sum(|s| s.errors), sum(|s| s.busy_ns));
    Ok(LoadTest {
        tool: Tool::Live,
        format: None,
        name: name.to_owned(),
        started: Some(range.from),
        duration_seconds: seconds as f64,
        model: ModelVerdict {
            model: Model::Unknown,
            why: "spans do not tell whether who asks waits for answers".to_owned(),
        },
        total: stretch(range.from, seconds, calls, errors, busy, &all),
        steps,
        rest: Rest::default(),
        notes: notes(traffic, range),
    })
}

fn notes(traffic: &ServiceTraffic, range: TimeRange) -> Vec<String> {
    let minutes = range.length().num_minutes();
    let silent = minutes - traffic.steps.len() as i64;
    (silent > 0)
        .then(|| format!("{silent} of {minutes} minutes have no requests and are no steps"))
        .into_iter()
        .collect()
}

fn stretch(
    start: DateTime<Utc>,
    seconds: i64,
    calls: u64,
    errors: u64,
    busy_ns: u64,
    buckets: &Buckets,
) -> Stretch {
    let length = seconds.max(1) as f64;
    let ms = |q: f64| buckets.quantile(q).map(|estimate| estimate.value_ns / 1e6);
    Stretch {
        start: Some(start),
        seconds: length,
        requests: calls,
        errors,
        offered_rate: None,
        rate: calls as f64 / length,
        throughput: calls.saturating_sub(errors) as f64 / length,
        concurrency: Some(busy_ns as f64 / 1e9 / length),
        concurrency_from: Some(ConcurrencyFrom::LittlesLaw),
        latency: Latency {
            mean_ms: (calls > 0).then(|| busy_ns as f64 / 1e6 / calls as f64),
            p50_ms: ms(0.5),
            p90_ms: ms(0.9),
            p95_ms: ms(0.95),
            p99_ms: ms(0.99),
            p999_ms: ms(0.999),
            ..Latency::default()
        },
        windows: Vec::new(),
    }
}

//! Rate, errors and duration by a dimension: service, operation, kind, version, region, or any attribute.
//!
//! Service, operation, kind, version and region are in the latency rollup: figures are exact (durations to their bucket)
//! and cost the same however many spans were counted. An attribute, such as the platform's own `tenant.id`, is in the spans
//! alone: its figures are of a sample of them ([`crate::sample`]), scaled to the calls that the rollup counted, and each
//! comes with its bounds. Two queries in either case.

mod read;

use chrono::TimeDelta;
use headroom_store::Store;
use headroom_store::schema::PERSONAL_KEYS;
use serde::Serialize;
use utoipa::ToSchema;

use crate::bubbleup::{Names, names_somebody};
use crate::error::{QueryError, Result};
use crate::latency::{QuantileValue, Source};
use crate::range::TimeRange;
use crate::sample::Sampled;
use crate::services::SeriesPoint;

/// Most groups in one answer.
const MOST_GROUPS: u32 = 50;
/// The attribute that names the platform's own tenant.
const TENANT: &str = "tenant.id";

/// What calls are told apart by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Dimension {
    /// A column of the latency rollup.
    Column(&'static str),
    /// An attribute of spans, or of the program that sent them.
    Attribute(String),
}

impl Dimension {
    /// `service`, `operation`, `kind`, `version`, `region`, `tenant` (the attribute `tenant.id`), or `attribute:KEY`.
    pub fn parse(text: &str) -> Result<Self> {
        const COLUMNS: [&str; 5] = ["service", "operation", "kind", "version", "region"];
        let column = COLUMNS.into_iter().find(|column| *column == text);
        let key = (text == "tenant").then_some(TENANT).or_else(|| text.strip_prefix("attribute:"));
        match (column, key.map(str::trim).filter(|key| !key.is_empty())) {
            (Some(column), _) => Ok(Self::Column(column)),
            (None, Some(key)) => Ok(Self::Attribute(key.to_owned())),
            (None, None) => Err(QueryError::bad_request(
                format!("calls cannot be told apart by `{text}`"),
                format!("use one of {}, tenant, or attribute:KEY", COLUMNS.join(", ")),
            )),
        }
    }

    /// Refuses an attribute that is personal data, or that names a customer to somebody who may not see one.
    pub(crate) fn check(&self, names: Names) -> Result<()> {
        let Self::Attribute(key) = self else { return Ok(()) };
        if PERSONAL_KEYS.contains(&key.as_str()) {
            return Err(QueryError::bad_request(
                format!("`{key}` is personal data"),
                "tell calls apart by something that names nobody",
            ));
        }
        if names == Names::Withheld && names_somebody(key) {
            return Err(QueryError::bad_request(
                format!("`{key}` names a customer, or something of theirs"),
                "ask with a role that may see traces",
            ));
        }
        Ok(())
    }
}

/// What is asked.
#[derive(Debug, Clone, PartialEq)]
pub struct RedQuery {
    /// What calls are told apart by.
    pub by: Dimension,
    /// One service; all of them otherwise.
    pub service: Option<String>,
    /// One operation.
    pub operation: Option<String>,
    /// One version.
    pub version: Option<String>,
    /// One region.
    pub region: Option<String>,
    /// When.
    pub range: TimeRange,
    /// Width of the points of the series.
    pub step: TimeDelta,
    /// At most so many groups, 1 to 50.
    pub limit: u32,
}

/// Body of `GET /api/v1/red`.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Red {
    /// What was asked for, widened to whole rows of the rollup.
    pub range: TimeRange,
    /// Width of a point of the series.
    pub step_seconds: i64,
    /// Most calls first.
    pub groups: Vec<RedGroup>,
    /// Groups with fewer calls, which are not told.
    pub left_out: u64,
    /// Calls of all groups, those that are not told included.
    pub calls: u64,
    /// The sample, where the figures are of one.
    pub sample: Option<Sampled>,
    /// The table that answered.
    pub source: String,
    /// Why there are no figures, when there are none.
    pub unavailable: Option<String>,
}

/// The calls with one value of the dimension. Counts requests received (server and consumer spans); where there are none,
/// all spans.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct RedGroup {
    /// The value; '' where a span has none.
    pub value: String,
    /// Calls in the range.
    pub calls: u64,
    /// At least so many, with 95 % confidence: the same number where all calls were counted.
    pub calls_low: u64,
    /// And at most so many.
    pub calls_high: u64,
    /// Of the calls, failed ones.
    pub errors: u64,
    /// `errors / calls`; null without calls.
    pub error_rate: Option<f64>,
    /// Mean over the range.
    pub calls_per_second: f64,
    /// Median, p95 and p99, each with the edges of its bucket; of a sample, with the edges that hold it with 95 %
    /// confidence, and left out where too few calls were read to have such edges.
    pub quantiles: Vec<QuantileValue>,
    /// In time order; steps without calls are left out.
    pub series: Vec<SeriesPoint>,
}

/// Rate, errors and duration of each value of a dimension.
///
/// # Errors
/// [`QueryError::BadRequest`] for a dimension that names people, or a limit out of bounds.
pub async fn red(store: &Store, tenant: &str, query: &RedQuery, names: Names) -> Result<Red> {
    query.by.check(names)?;
    if !(1..=MOST_GROUPS).contains(&query.limit) {
        return Err(QueryError::bad_request(
            format!("{} groups cannot be shown at once", query.limit),
            format!("ask for 1 to {MOST_GROUPS}"),
        ));
    }
    let source = Source::of(&query.range);
    let range = query.range.aligned(source.seconds());
    let step_seconds = source.step_seconds(query.step, &range);
    let query = RedQuery { range, ..query.clone() };
    let mut answer = match &query.by {
        Dimension::Column(column) => read::rollup(store, tenant, &query, column, step_seconds).await?,
        Dimension::Attribute(key) => read::sampled(store, tenant, &query, key, step_seconds).await?,
    };
    if answer.calls == 0 {
        answer.unavailable = Some("no requests were measured in this range".to_owned());
    }
    Ok(answer)
}

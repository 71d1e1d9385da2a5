//! The golden signals of the whole platform over time: how much is asked, how much of it fails, how long it takes.

use chrono::DateTime;
use clickhouse::Row;
use headroom_store::Store;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::error::Result;
use crate::latency::{Cut, Kinds, Source, fetch, read_of};
use crate::range::TimeRange;
use crate::scan::{Aggregate, Key, ScanQuery};
use crate::services::SeriesPoint;

/// Points of a series, before its step is rounded up to whole minutes or hours.
const POINTS: i32 = 120;

/// Requests that any service received, by step; where no span says that it received one, all spans.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Signals {
    /// Width of a point.
    pub step_seconds: i64,
    /// In time order; steps without calls are left out.
    pub points: Vec<SeriesPoint>,
}

#[derive(Debug, Row, Deserialize)]
struct CallRow {
    at: i64,
    calls: u64,
    errors: u64,
}

/// The signals of a tenant's services together. Two queries over rollups, at once; their answers grow with steps and
/// buckets, not with services.
pub async fn signals(store: &Store, tenant: &str, range: TimeRange) -> Result<Signals> {
    let source = Source::of(&range);
    let range = range.aligned(source.seconds());
    let step_seconds = source.step_seconds(range.length() / POINTS, &range);
    let minutes = Cut::whole(range, Source::Minutes);
    let counted = |rollup: Source| {
        ScanQuery::aggregate(tenant, "span_minute")
            .filter(minutes.filter(rollup))
            .key(Key::bucket("m", step_seconds, "at"))
            .aggregates([Aggregate::sum("calls", "calls"), Aggregate::sum("errors", "errors")])
            .ascending("at")
    };
    let cuts = [&minutes];
    let (calls, durations) = tokio::try_join!(
        fetch::<CallRow>(store, &cuts, Kinds::Counted, counted),
        read_of(store, tenant, range, step_seconds, Kinds::Counted, |scan| scan),
    )?;
    let points = calls.into_iter().map(|CallRow { at, calls, errors }| {
        let ts = DateTime::from_timestamp_nanos(at);
        SeriesPoint::new(ts, calls, errors, durations.get(&ts))
    });
    Ok(Signals { step_seconds, points: points.collect() })
}

//! Whether anything of a time has arrived: one read of the minutes that are asked for.

use clickhouse::Row;
use headroom_store::Store;
use serde::Deserialize;

use crate::error::Result;
use crate::range::TimeRange;
use crate::scan::{Aggregate, Filter, ScanQuery};

#[derive(Debug, Row, Deserialize)]
struct CallsRow {
    calls: u64,
}

/// Whether a span that began within `range`, widened to whole minutes, is in the store.
pub async fn arrived(store: &Store, tenant: &str, range: TimeRange) -> Result<bool> {
    let scan = ScanQuery::aggregate(tenant, "span_minute")
        .filter(Filter::within("m", &range.aligned(60)))
        .aggregates([Aggregate::sum("calls", "calls")]);
    let rows: Vec<CallsRow> = scan.fetch(store).await?;
    Ok(rows.iter().any(|row| row.calls > 0))
}

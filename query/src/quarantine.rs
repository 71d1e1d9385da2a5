//! What was rejected lately, and why.
//!
//! Reads `rejected`, once: a row for each record that was not taken, or was taken with less
//! in it.

use chrono::{DateTime, Utc};
use clickhouse::Row;
use headroom_store::Store;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::error::Result;
use crate::range::TimeRange;
use crate::scan::{Aggregate, Expr, Filter, Function, Key, ScanQuery};

/// Most groups in one answer: there are fewer signals times reasons.
const MOST: u64 = 100;

/// Rejections of one signal for one reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Rejection {
    /// `traces`, `logs`, `metrics`, or `slice` for what the store refused.
    pub signal: String,
    /// The reason's short name.
    pub reason: String,
    /// How many rows.
    pub count: u64,
    /// When the latest was received.
    pub last_seen: DateTime<Utc>,
    /// What was wrong with the latest, in words.
    pub detail: String,
}

#[derive(Debug, Row, Deserialize)]
struct RejectionRow {
    signal: String,
    reason: String,
    n: u64,
    last: i64,
    words: String,
}

/// Rejections received within `range`, the most frequent first.
pub async fn rejections(store: &Store, tenant: &str, range: TimeRange) -> Result<Vec<Rejection>> {
    let column = |name: &str| Expr::Column(name.to_owned());
    let scan = ScanQuery::aggregate(tenant, "rejected")
        .filter(Filter::within("ts", &range))
        .keys([Key::column("signal"), Key::column("reason")])
        .aggregates([
            Aggregate::count("n"),
            Aggregate::max("ts", "last"),
            Aggregate::new(Function::ArgMax(column("detail"), column("ts")), "words"),
        ])
        .descending("n")
        .ascending("signal")
        .ascending("reason")
        .limit(MOST);
    let rows: Vec<RejectionRow> = scan.fetch(store).await?;
    let rejection = |row: RejectionRow| Rejection {
        signal: row.signal,
        reason: row.reason,
        count: row.n,
        last_seen: DateTime::from_timestamp_millis(row.last).unwrap_or_default(),
        detail: row.words,
    };
    Ok(rows.into_iter().map(rejection).collect())
}

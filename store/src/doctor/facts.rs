//! What is read for the checks.

use super::TableReport;
use crate::client::Store;
use crate::error::Result;
use crate::literal::string;
use crate::migrate::State;
use crate::schema::{LATENCY_BUCKETS_1M, Renderer, SPAN_MINUTE, SPANS};

/// Everything the checks need.
#[derive(Debug, Default)]
pub(crate) struct Facts {
    pub(crate) version: String,
    pub(crate) state: State,
    pub(crate) tables: Vec<TableReport>,
    pub(crate) disks: Vec<Disk>,
    /// Spans of the last whole hour: raw, by the minute, in buckets. `None` when a table
    /// is missing.
    pub(crate) hour: Option<(u64, u64, u64)>,
}

#[derive(Debug, clickhouse::Row, serde::Deserialize)]
pub(crate) struct Disk {
    pub(crate) name: String,
    pub(crate) free: u64,
    pub(crate) total: u64,
}

#[derive(clickhouse::Row, serde::Deserialize)]
struct Size {
    name: String,
    rows: u64,
    bytes: u64,
    parts: u64,
    most_parts: u64,
}

impl Facts {
    pub(crate) async fn read(store: &Store, renderer: &Renderer) -> Result<Self> {
        let version = store.admin_rows::<String>("SELECT version()").await?.pop().unwrap_or_default();
        let state = State::read(store, renderer).await?;
        let tables = sizes(store, renderer).await?;
        let sql = "SELECT name, free_space AS free, total_space AS total FROM system.disks WHERE total_space > 0 ORDER BY name";
        let disks = store.admin_rows::<Disk>(sql).await?;
        let counted = [SPANS, SPAN_MINUTE, LATENCY_BUCKETS_1M];
        let hour = if counted.iter().all(|name| state.has_table(&renderer.stored_name(name))) {
            Some(hour(store, renderer).await?)
        } else {
            None
        };
        Ok(Self { version, state, tables, disks, hour })
    }
}

/// What tables take on the disk, the largest first.
pub(super) async fn sizes(store: &Store, renderer: &Renderer) -> Result<Vec<TableReport>> {
    let sql = format!(
        "SELECT table AS name, sum(p.rows) AS rows, sum(p.bytes) AS bytes, sum(p.parts) AS parts, max(p.parts) AS most_parts FROM (SELECT table, partition_id, sum(rows) AS rows, sum(bytes_on_disk) AS bytes, count() AS parts FROM system.parts WHERE active AND database = {} GROUP BY table, partition_id) AS p GROUP BY name ORDER BY bytes DESC, name",
        string(&renderer.database)
    );
    let report = |size: Size| TableReport {
        name: size.name,
        rows: size.rows,
        bytes: size.bytes,
        parts: size.parts,
        most_parts: size.most_parts,
    };
    Ok(store.admin_rows::<Size>(&sql).await?.into_iter().map(report).collect())
}

/// Spans that started in the last hour, up to the last whole minute but one: later ones may
/// be on their way.
async fn hour(store: &Store, renderer: &Renderer) -> Result<(u64, u64, u64)> {
    let end = "toStartOfMinute(now('UTC')) - 60";
    let count = |name: &str, time: &str, what: &str| {
        format!(
            "SELECT {what} FROM {} WHERE {time} >= {end} - 3600 AND {time} < {end}",
            renderer.stored(name)
        )
    };
    let mut counts = [0u64; 3];
    for (slot, sql) in counts.iter_mut().zip([
        count(SPANS, "ts", "count()"),
        count(SPAN_MINUTE, "m", "sum(calls)"),
        count(LATENCY_BUCKETS_1M, "m", "sum(n)"),
    ]) {
        *slot = store.admin_rows::<u64>(&sql).await?.pop().unwrap_or_default();
    }
    Ok((counts[0], counts[1], counts[2]))
}

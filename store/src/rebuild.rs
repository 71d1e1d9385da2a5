//! Making a past day's rollups again, from the spans.
//!
//! A span that a collector sent in two different requests is counted twice by what was counted while it
//! came in (readers of spans tell the two apart by their ids, sums cannot). Here a day is counted anew with
//! each span once, beside the table, and put in its place in one step: readers see the old figures or the
//! new ones.

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};

use crate::client::Store;
use crate::error::{Result, StoreError};
use crate::literal::string;
use crate::schema::{self, Form, Renderer, Rollup};

/// The rollups that can be made again: those partitioned by day.
pub const REBUILDABLE: [&str; 4] =
    [schema::SPAN_MINUTE, schema::LATENCY_BUCKETS_1M, schema::EXEMPLARS, schema::TRACE_BOUNDS];

/// What a rebuild changed in a table.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Rebuilt {
    /// The table.
    pub table: &'static str,
    /// What it counted of that day before: spans; for exemplars their number.
    pub before: u64,
    /// What it counts now.
    pub after: u64,
}

/// Makes `table` again for the UTC day `day`. Spans of that day must not arrive meanwhile: they would be
/// missing from it.
///
/// # Errors
/// The day is not over, the store has no spans of it, the table is none of [`REBUILDABLE`], the store is a cluster (a partition is
/// replaced on one node only), or the store refuses.
pub async fn rebuild(
    store: &Store,
    renderer: &Renderer,
    table: &str,
    day: NaiveDate,
    now: DateTime<Utc>,
) -> Result<Rebuilt> {
    let Some(table) = REBUILDABLE.into_iter().find(|known| *known == table) else {
        let known = REBUILDABLE.join(", ");
        return Err(StoreError::Config(format!("{table:?} cannot be made again: it must be one of {known}")));
    };
    if day >= now.date_naive() {
        return Err(StoreError::Config(format!("{day} is not over: only a past UTC day can be made again")));
    }
    if let Form::Cluster(_) = renderer.form {
        let what = "a rollup of a cluster cannot be made again: each node would replace its own part only";
        return Err(StoreError::Config(what.to_owned()));
    }
    let rollup = schema::rollups().into_iter().find(|rollup| rollup.table == table);
    let rollup = rollup.expect("every table of the list is a rollup");
    let beside = store.table(&format!("{table}_rebuilt"));
    let target = store.table(table);
    let sql = format!(
        "SELECT count() FROM {} WHERE toDate(ts) = toDate({})",
        store.table(rollup.source),
        string(&day.to_string())
    );
    if store.rows::<u64>(&sql).await?.first().is_none_or(|spans| *spans == 0) {
        let what = format!("the store has no spans of {day} any more, so {table} stays as it is");
        return Err(StoreError::Config(what));
    }
    let before = counted(store, &target, table, day).await?;
    store.execute(&format!("DROP TABLE IF EXISTS {beside} SYNC")).await?;
    store.execute(&format!("CREATE TABLE {beside} AS {target}")).await?;
    let filled = fill(store, &beside, &rollup, day).await;
    let filled = match filled {
        Ok(()) => {
            let partition = string(&day.to_string());
            store.execute(&format!("ALTER TABLE {target} REPLACE PARTITION {partition} FROM {beside}")).await
        }
        failed => failed,
    };
    store.execute(&format!("DROP TABLE {beside} SYNC")).await?;
    filled?;
    Ok(Rebuilt { table, before, after: counted(store, &target, table, day).await? })
}

/// An hour at a time: the copies of a span have the same time, and the memory of telling them apart is
/// bounded by an hour's spans.
async fn fill(store: &Store, beside: &str, rollup: &Rollup, day: NaiveDate) -> Result<()> {
    let midnight = day.and_hms_opt(0, 0, 0).expect("every day begins").and_utc();
    for hour in 0..24 {
        let from = midnight + TimeDelta::hours(hour);
        let to = from + TimeDelta::hours(1);
        let at = |time: DateTime<Utc>| format!("toDateTime64({}, 9, 'UTC')", time.timestamp());
        let spans = format!(
            "(SELECT * FROM {} WHERE ts >= {} AND ts < {} LIMIT 1 BY tenant, trace_id, span_id)",
            store.table(rollup.source),
            at(from),
            at(to)
        );
        let select = rollup.select.replace("{source}", &spans);
        store.execute(&format!("INSERT INTO {beside} SETTINGS insert_deduplicate = 0 {select}")).await?;
    }
    Ok(())
}

async fn counted(store: &Store, target: &str, table: &str, day: NaiveDate) -> Result<u64> {
    let (sum, time) = match table {
        schema::SPAN_MINUTE => ("sum(calls)", "m"),
        schema::LATENCY_BUCKETS_1M => ("sum(n)", "m"),
        schema::TRACE_BOUNDS => ("sum(spans)", "start"),
        _ => ("uniqExact(tenant, service, operation, m, octave)", "m"),
    };
    let next = day.checked_add_days(Days::new(1)).expect("the calendar goes on");
    let (from, to) = (string(&day.to_string()), string(&next.to_string()));
    let sql = format!(
        "SELECT {sum} FROM {target} WHERE {time} >= toDateTime({from}, 'UTC') AND {time} < toDateTime({to}, 'UTC')"
    );
    Ok(store.rows::<u64>(&sql).await?.into_iter().next().unwrap_or(0))
}

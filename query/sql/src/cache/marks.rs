//! What ClickHouse has of each day, as a number that changes when it does.

use std::collections::BTreeMap;

use clickhouse::Row;
use headroom_store::literal;
use serde::Deserialize;

use super::daily::Daily;
use crate::fetch::Reader;

#[derive(Debug, Row, Deserialize)]
struct Mark {
    day: i64,
    mark: u64,
    tables: u64,
}

/// The mark of each day of which there are rows, by days since the epoch; none where tables are not cut into days or not
/// all of their parts are known here.
pub(super) async fn of(reader: &Reader, daily: &Daily) -> Option<BTreeMap<i64, u64>> {
    let store = reader.store();
    if store.config().cluster.is_some() {
        return None;
    }
    let tables: Vec<&str> = daily.question().view().branches.iter().map(|branch| branch.table).collect();
    let names = literal::tuple(tables.iter().map(|name| literal::string(name)));
    let database = literal::string(store.database());
    let cut = literal::string(&format!("toDate({})", daily.column.from));
    let sql = format!(
        "SELECT toInt64(toDate(partition)) AS day, sum(sipHash64(table, name)) AS mark, \
         (SELECT count() FROM system.tables WHERE database = {database} AND name IN {names} AND partition_key = {cut} \
         AND engine LIKE '%MergeTree' AND engine NOT LIKE 'Replicated%') AS tables \
         FROM system.parts WHERE database = {database} AND table IN {names} AND active GROUP BY day"
    );
    let marks: Vec<Mark> = match reader.rows(&sql).await {
        Ok(marks) => marks,
        Err(error) => {
            tracing::debug!(%error, "no marks of days");
            return None;
        }
    };
    // Without parts it is not known whether the tables are such.
    let known = marks.first().is_some_and(|mark| mark.tables == tables.len() as u64);
    known.then(|| marks.into_iter().map(|mark| (mark.day, mark.mark)).collect())
}

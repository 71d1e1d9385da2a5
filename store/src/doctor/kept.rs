//! How long tables keep their rows: as they are, and as is configured.

use std::collections::HashMap;

use serde::Serialize;

use super::facts::sizes;
use super::renderer;
use crate::client::Store;
use crate::error::Result;
use crate::migrate::State;
use crate::schema::{self, Form, Retention};

/// A table, and how long it keeps its rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Kept {
    /// Its name.
    pub table: &'static str,
    /// Days that the table as it is keeps rows for; `None` is for ever, or as `is` says.
    pub days: Option<u32>,
    /// The rule of the table as it is, in ClickHouse's words; `None` where there is none.
    pub is: Option<String>,
    /// Days that are configured; `None` is for ever.
    pub configured_days: Option<u32>,
    /// Rows; in a cluster those of the node that was asked.
    pub rows: u64,
    /// Bytes on the disk, likewise.
    pub bytes: u64,
}

/// Every table that is there, by name.
pub async fn kept(store: &Store, form: Form, retention: Retention) -> Result<Vec<Kept>> {
    let renderer = renderer(store, form, retention);
    let state = State::read(store, &renderer).await?;
    let sizes: HashMap<_, _> =
        sizes(store, &renderer).await?.into_iter().map(|table| (table.name.clone(), table)).collect();
    let mut tables = schema::tables();
    tables.retain(|table| state.has_table(&renderer.stored_name(table.name)));
    tables.sort_by_key(|table| table.name);
    let kept = tables.into_iter().map(|table| {
        let stored = renderer.stored_name(table.name);
        let is = state.ttl(&stored);
        let size = sizes.get(&stored);
        Kept {
            table: table.name,
            days: is.as_deref().and_then(days),
            is,
            configured_days: table.keep.map(|(_, keep)| retention.days(keep)),
            rows: size.map_or(0, |size| size.rows),
            bytes: size.map_or(0, |size| size.bytes),
        }
    });
    Ok(kept.collect())
}

/// The days of a rule as this program makes it.
fn days(ttl: &str) -> Option<u32> {
    ttl.strip_suffix(')')?.rsplit_once(" + toIntervalDay(")?.1.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::days;

    #[test]
    fn days_are_told_of_rules_of_our_own_only() {
        assert_eq!(days("toDateTime(ts) + toIntervalDay(30)"), Some(30));
        assert_eq!(days("toDateTime(ts) + toIntervalMonth(1)"), None);
        assert_eq!(days("toDateTime(ts) + toIntervalDay(30) WHERE service = 'a'"), None);
    }
}

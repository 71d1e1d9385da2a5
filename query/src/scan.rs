//! One typed question to one table, and the only place where it becomes SQL.
//!
//! Pages, alerts and forecasts all ask through [`ScanQuery`], so there is one generator
//! and one place to look when an answer is wrong. It never joins, never nests and never
//! takes text that a person wrote: names of columns are quoted, values are [`Literal`]s
//! rendered by [`headroom_store::literal`].
//!
//! The tenant is part of the constructor and always the first predicate. There
//! is no way to build a query without one, and no filter that can widen it:
//! every other filter is joined to it by AND.
//!
//! ```
//! use headroom_query::scan::{Aggregate, Key, ScanQuery};
//! let sql = ScanQuery::aggregate("acme", "span_minute")
//!     .key(Key::column("service"))
//!     .aggregates([Aggregate::sum("calls", "calls")])
//!     .sql("`headroom`.`span_minute`");
//! assert!(sql.contains("WHERE t.`tenant` = 'acme'"));
//! ```

mod expr;
mod filter;
mod render;
#[cfg(test)]
mod tests;

use std::time::Instant;

use headroom_store::Store;

pub use expr::{Aggregate, Expr, Function, Key};
pub use filter::{Compare, Filter, Literal};

use crate::error::Result;

/// Questions that are asked at once: their text stays far below what the store reads (256 KiB).
const AT_ONCE: usize = 100;

/// A question to one table: aggregated by keys, or plain rows.
#[derive(Debug, Clone, PartialEq)]
pub struct ScanQuery {
    tenant: String,
    table: String,
    grouped: bool,
    keys: Vec<Key>,
    aggregates: Vec<Aggregate>,
    filters: Vec<Filter>,
    order: Vec<Order>,
    limit_by: Vec<String>,
    limit: Option<u64>,
}

/// One term of ORDER BY: the alias of an output column and its direction.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Order {
    alias: String,
    descending: bool,
}

impl ScanQuery {
    /// A grouped question. Without aggregates it gives the distinct keys, without
    /// keys it gives one row.
    pub fn aggregate(tenant: &str, table: &str) -> Self {
        Self::new(tenant, table, true)
    }

    /// Plain rows: every key is an output column and nothing is grouped.
    pub fn rows(tenant: &str, table: &str) -> Self {
        Self::new(tenant, table, false)
    }

    fn new(tenant: &str, table: &str, grouped: bool) -> Self {
        Self {
            tenant: tenant.to_owned(),
            table: table.to_owned(),
            grouped,
            keys: Vec::new(),
            aggregates: Vec::new(),
            filters: Vec::new(),
            order: Vec::new(),
            limit_by: Vec::new(),
            limit: None,
        }
    }

    /// Adds an output column that rows are grouped by (or, in plain rows, shown).
    #[must_use]
    pub fn key(mut self, key: Key) -> Self {
        self.keys.push(key);
        self
    }

    /// Adds several keys.
    #[must_use]
    pub fn keys(mut self, keys: impl IntoIterator<Item = Key>) -> Self {
        self.keys.extend(keys);
        self
    }

    /// Adds plain columns under their own names.
    #[must_use]
    pub fn columns<'a>(self, names: impl IntoIterator<Item = &'a str>) -> Self {
        self.keys(names.into_iter().map(Key::column))
    }

    /// Adds aggregates.
    #[must_use]
    pub fn aggregates(mut self, aggregates: impl IntoIterator<Item = Aggregate>) -> Self {
        self.aggregates.extend(aggregates);
        self
    }

    /// Adds a filter, joined to the others by AND.
    #[must_use]
    pub fn filter(mut self, filter: Filter) -> Self {
        self.filters.push(filter);
        self
    }

    /// Adds a filter where there is one.
    #[must_use]
    pub fn filter_opt(self, filter: Option<Filter>) -> Self {
        match filter {
            Some(filter) => self.filter(filter),
            None => self,
        }
    }

    /// Orders by an output column, smallest first.
    #[must_use]
    pub fn ascending(self, alias: &str) -> Self {
        self.order_by(alias, false)
    }

    /// Orders by an output column, largest first.
    #[must_use]
    pub fn descending(self, alias: &str) -> Self {
        self.order_by(alias, true)
    }

    fn order_by(mut self, alias: &str, descending: bool) -> Self {
        self.order.push(Order { alias: alias.to_owned(), descending });
        self
    }

    /// Keeps one row for each value of these columns: what a client sent twice counts once.
    #[must_use]
    pub fn once_by<'a>(mut self, columns: impl IntoIterator<Item = &'a str>) -> Self {
        self.limit_by.extend(columns.into_iter().map(str::to_owned));
        self
    }

    /// At most this many rows.
    #[must_use]
    pub fn limit(mut self, rows: u64) -> Self {
        self.limit = Some(rows);
        self
    }

    /// The table's plain name.
    pub fn table(&self) -> &str {
        &self.table
    }

    /// The aliases of the output columns, keys first.
    pub fn output(&self) -> Vec<&str> {
        let keys = self.keys.iter().map(|key| key.alias.as_str());
        keys.chain(self.aggregates.iter().map(|aggregate| aggregate.alias.as_str())).collect()
    }

    /// The SQL over `table`, a quoted and qualified name such as [`Store::table`] gives.
    pub fn sql(&self, table: &str) -> String {
        render::select(self, table)
    }

    /// Asks the store, and keeps the time it took in the histogram `headroom_query_seconds`.
    #[tracing::instrument(level = "info", name = "scan", skip_all, fields(otel.kind = "client", db.system.name = "clickhouse", db.collection.name = self.table))]
    pub async fn fetch<T: clickhouse::RowOwned + clickhouse::RowRead>(
        &self,
        store: &Store,
    ) -> Result<Vec<T>> {
        let sql = self.sql(&store.table(&self.table));
        let begun = Instant::now();
        let rows = store.rows(&sql).await;
        let seconds = begun.elapsed().as_secs_f64();
        metrics::histogram!("headroom_query_seconds", "table" => self.table.clone()).record(seconds);
        tracing::debug!(table = self.table, seconds, failed = rows.is_err(), %sql, "scan");
        Ok(rows?)
    }

    /// Asks several questions with the same output columns at once. Each row begins with a column `n`: the number of
    /// its question, from 0.
    #[tracing::instrument(level = "info", name = "scan", skip_all, fields(otel.kind = "client", db.system.name = "clickhouse", questions = queries.len()))]
    pub async fn fetch_all<T: clickhouse::RowOwned + clickhouse::RowRead>(
        queries: &[Self],
        store: &Store,
    ) -> Result<Vec<T>> {
        let mut rows = Vec::new();
        for (chunk, queries) in queries.chunks(AT_ONCE).enumerate() {
            let one = |(n, query): (usize, &Self)| {
                let sql = query.sql(&store.table(&query.table));
                format!("SELECT toUInt32({}) AS n, * FROM ({sql})", chunk * AT_ONCE + n)
            };
            let sql = queries.iter().enumerate().map(one).collect::<Vec<_>>().join(" UNION ALL ");
            rows.extend(store.rows(&sql).await?);
        }
        Ok(rows)
    }
}

//! The views an analyst sees, with their own column types.
//!
//! A view is data, not SQL: columns have a [`Kind`] that decides both the Arrow type and
//! the ClickHouse expression. The tenant is no column of any view.

mod business;
mod facts;
mod holdings;
mod map;
mod metrics;
mod own;
mod planning;
mod portfolios;
mod telemetry;
#[cfg(test)]
mod tests;
mod wire;

use std::collections::HashMap;
use std::sync::Arc;

use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use serde::Serialize;

/// The views whose rows outlive the store's retention in the archive.
pub const ARCHIVED_VIEWS: [&str; 4] = ["spans", "logs", "metrics", "events"];

/// One view.
#[derive(Debug)]
pub(crate) struct View {
    pub(crate) name: &'static str,
    pub(crate) doc: &'static str,
    /// The tables whose rows are put one after the other; none where the program itself knows the rows.
    pub(crate) branches: &'static [Branch],
    /// Rows that agree in these table columns are one row, sent twice. Conditions on them, and on `ts`, are judged
    /// before one of the rows is taken, all others after: which row is seen does not depend on what is asked.
    pub(crate) once_by: &'static [&'static str],
    pub(crate) columns: &'static [Column],
}

/// The time of rows that are the program's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct OfTime {
    pub(crate) column: &'static str,
    /// The rows are worked out for the time that is asked for: without an end of it there is no end of the work.
    pub(crate) worked_out: bool,
}

/// One table of a view.
#[derive(Debug)]
pub(crate) struct Branch {
    pub(crate) table: &'static str,
    /// Keep only the newest version of each row (ReplacingMergeTree).
    pub(crate) newest: bool,
    /// A condition that is part of the view.
    pub(crate) only: Option<&'static str>,
    /// Columns that this table lacks, by view column, as constant text.
    pub(crate) constants: &'static [(&'static str, &'static str)],
}

impl Branch {
    pub(crate) const fn table(table: &'static str) -> Self {
        Self { table, newest: false, only: None, constants: &[] }
    }

    pub(crate) const fn newest(table: &'static str) -> Self {
        Self { table, newest: true, only: None, constants: &[] }
    }
}

/// One column of a view.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Column {
    pub(crate) name: &'static str,
    /// The table's column.
    pub(crate) from: &'static str,
    pub(crate) kind: Kind,
    pub(crate) doc: &'static str,
}

pub(crate) const fn column(name: &'static str, from: &'static str, kind: Kind, doc: &'static str) -> Column {
    Column { name, from, kind, doc }
}

/// What a column is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Text, never NULL.
    Text,
    /// Text; NULL where the table has ''.
    TextOrNull,
    /// Text that was written for people, never NULL: e-mail addresses in it are masked.
    Words,
    /// The same; NULL where the table has ''.
    WordsOrNull,
    /// A FixedString of so many bytes, as lower-case hex.
    Hex(usize),
    /// The same; NULL where all bytes are zero.
    HexOrNull(usize),
    /// A DateTime64(9).
    Time,
    /// A DateTime64 of less precision.
    CoarseTime,
    /// The same, may be NULL.
    TimeOrNull,
    /// Any integer that fits 64 bits with a sign.
    Int,
    /// A UInt64.
    Unsigned,
    /// The same, may be NULL.
    IntOrNull,
    /// Float64 or Float32.
    Float,
    /// The same, may be NULL.
    FloatOrNull,
    /// Bool.
    Bool,
    /// Nullable(Decimal(38,12)).
    Decimal,
    /// Map(String, String) as JSON text; `attr(column, 'key')` reads one value.
    Map,
    /// An array as JSON text.
    Json,
    /// Sum of a UInt64 over the rows that agree in all plain columns.
    Sum,
    /// Largest UInt64 of these rows.
    Max,
    /// Earliest time of these rows.
    Earliest,
    /// Latest time of these rows.
    Latest,
    /// Sum of a UInt64 over those of these rows whose column `status` is 'error'.
    Errors,
    /// A quantile, in thousandths, of durations in nanoseconds: of what these rows count in the buckets of `b`. 1000 is the
    /// end of the last bucket.
    Quantile(u16),
}

/// Marks a field whose texts are JSON.
pub(crate) const JSON: &str = "json";

/// Digits before and after the point of every exposed decimal.
pub(crate) const DECIMAL: (u8, i8) = (38, 12);

impl Kind {
    /// Whether the value is computed over a group of rows.
    pub(crate) fn is_aggregate(self) -> bool {
        matches!(
            self,
            Self::Sum | Self::Max | Self::Earliest | Self::Latest | Self::Errors | Self::Quantile(_)
        )
    }

    /// Whether the values are floats, of which ClickHouse and DataFusion order NaN and the two zeros differently.
    pub(crate) fn is_float(self) -> bool {
        matches!(self, Self::Float | Self::FloatOrNull | Self::Quantile(_))
    }

    fn data_type(self) -> DataType {
        match self {
            Self::Text
            | Self::TextOrNull
            | Self::Words
            | Self::WordsOrNull
            | Self::Hex(_)
            | Self::HexOrNull(_)
            | Self::Map
            | Self::Json => DataType::Utf8,
            Self::Time | Self::CoarseTime | Self::TimeOrNull | Self::Earliest | Self::Latest => {
                DataType::Timestamp(TimeUnit::Nanosecond, Some("UTC".into()))
            }
            Self::Int | Self::IntOrNull => DataType::Int64,
            Self::Unsigned | Self::Sum | Self::Max | Self::Errors => DataType::UInt64,
            Self::Float | Self::FloatOrNull | Self::Quantile(_) => DataType::Float64,
            Self::Bool => DataType::Boolean,
            Self::Decimal => DataType::Decimal128(DECIMAL.0, DECIMAL.1),
        }
    }

    pub(crate) fn nullable(self) -> bool {
        matches!(
            self,
            Self::TextOrNull
                | Self::WordsOrNull
                | Self::HexOrNull(_)
                | Self::TimeOrNull
                | Self::IntOrNull
                | Self::FloatOrNull
                | Self::Decimal
                | Self::Quantile(_)
        )
    }
}

impl View {
    /// The Arrow schema; comments are in the fields' metadata.
    pub(crate) fn schema(&self) -> SchemaRef {
        let fields = self.columns.iter().map(|column| {
            let mut metadata = HashMap::from([("comment".to_owned(), column.doc.to_owned())]);
            if column.kind.is_json() {
                metadata.insert(JSON.to_owned(), String::new());
            }
            Field::new(column.name, column.kind.data_type(), column.kind.nullable()).with_metadata(metadata)
        });
        Arc::new(Schema::new(fields.collect::<Vec<_>>()))
    }

    /// Whether its rows outlive the store's retention in the archive. Such views have a time `ts`, and no groups.
    pub(crate) fn is_archived(&self) -> bool {
        ARCHIVED_VIEWS.contains(&self.name)
    }

    /// Whether rows that are the same may have different times, and so lie in several days.
    pub(crate) fn repeats_over_days(&self) -> bool {
        !self.once_by.is_empty() && !self.once_by.contains(&"ts")
    }

    /// The time of a view whose rows are the program's own, if it has one.
    pub(crate) fn of_time(&self) -> Option<OfTime> {
        let (column, worked_out) = match self.name {
            "alerts" | "audit" => ("ts", false),
            "deployments" | "flows" => ("ts", true),
            "service_map" => ("hour", true),
            "positions" | "returns" => ("day", true),
            _ => return None,
        };
        Some(OfTime { column, worked_out })
    }

    /// Whether its rows are the program's own, and in no table of the store.
    pub(crate) fn is_of_facts(&self) -> bool {
        self.branches.is_empty()
    }

    pub(crate) fn is_grouped(&self) -> bool {
        self.columns.iter().any(|column| column.kind.is_aggregate())
    }
}

/// Every view, in the order of the documentation.
pub(crate) fn views() -> impl Iterator<Item = &'static View> {
    [
        &telemetry::SPANS,
        &telemetry::LOGS,
        &telemetry::TRACES,
        &telemetry::SERVICES,
        &telemetry::SPAN_MINUTE,
        &telemetry::LATENCY,
        &telemetry::LATENCY_BUCKETS,
        &telemetry::EXEMPLARS,
        &map::SERVICE_MAP,
        &metrics::METRICS,
        &business::EVENTS,
        &business::KEY_INDEX,
        &holdings::PORTFOLIOS,
        &portfolios::POSITIONS,
        &portfolios::RETURNS,
        &portfolios::FLOWS,
        &holdings::PORTFOLIO_MOVES,
        &holdings::ASSET_MOVES,
        &holdings::QUOTES,
        &planning::SLO_SLICES,
        &planning::FORECASTS,
        &planning::ANOMALIES,
        &planning::FORECAST_SKILL,
        &planning::PLANS,
        &facts::SLOS,
        &facts::ALERTS,
        &facts::DEPLOYMENTS,
        &facts::WALLS,
        &facts::COSTS,
        &facts::AUDIT,
        &own::QUERIES,
    ]
    .into_iter()
}

/// A view as documentation.
#[derive(Debug, Clone, Serialize)]
pub struct ViewDoc {
    /// Name in SQL.
    pub name: &'static str,
    /// What a row is.
    pub doc: &'static str,
    /// Its columns.
    pub columns: Vec<ColumnDoc>,
}

/// A column as documentation.
#[derive(Debug, Clone, Serialize)]
pub struct ColumnDoc {
    /// Name in SQL.
    pub name: &'static str,
    /// Arrow type.
    pub data_type: String,
    /// Whether it may be NULL.
    pub nullable: bool,
    /// What it holds.
    pub doc: &'static str,
}

/// Every view with its columns, for help texts and pages.
pub fn catalog() -> Vec<ViewDoc> {
    let columns = |view: &View| {
        view.columns
            .iter()
            .map(|column| ColumnDoc {
                name: column.name,
                data_type: column.kind.data_type().to_string(),
                nullable: column.kind.nullable(),
                doc: column.doc,
            })
            .collect()
    };
    views().map(|view| ViewDoc { name: view.name, doc: view.doc, columns: columns(view) }).collect()
}

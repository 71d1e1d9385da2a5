//! Rows of ClickHouse as Arrow batches of the view's own types.

use std::sync::Arc;

use clickhouse::query::Query;
use clickhouse::{RowOwned, RowRead};
use clickhouse_ext_arrow::{ArrowCursor, ArrowQueryExt as _};
use datafusion::arrow::array::AsArray as _;
use datafusion::arrow::array::{ArrayRef, RecordBatch, RecordBatchOptions};
use datafusion::arrow::compute::{CastOptions, cast_with_options};
use datafusion::arrow::datatypes::{DataType, Decimal128Type, SchemaRef, UInt64Type};
use datafusion::arrow::error::ArrowError;
use datafusion::error::{DataFusionError, Result};
use futures::stream::{self, BoxStream, StreamExt as _};
use headroom_store::Store;

use crate::cache::{self, Daily, Shelf};
use crate::catalog::DECIMAL;
use crate::config::SqlConfig;
use crate::error::SqlError;
use crate::scan::Question;

/// Rows in one batch that has no columns.
const COUNTED_BATCH: u64 = 65_536;

/// Sends scans to ClickHouse.
#[derive(Debug)]
pub(crate) struct Reader {
    store: Store,
    /// Groups of days that did not change since.
    pub(crate) shelf: Shelf,
    settings: Vec<(&'static str, String)>,
}

impl Reader {
    pub(crate) fn new(store: Store, config: &SqlConfig) -> Self {
        let on = || "1".to_owned();
        let settings = vec![
            ("join_use_nulls", on()),
            ("aggregate_functions_null_for_empty", on()),
            ("cast_keep_nullable", on()),
            ("group_by_use_nulls", on()),
            ("union_default_mode", "DISTINCT".to_owned()),
            ("session_timezone", "UTC".to_owned()),
            ("output_format_arrow_string_as_string", on()),
            ("output_format_arrow_low_cardinality_as_dictionary", "0".to_owned()),
            // JSON text is plain: "/" stays as it is.
            ("output_format_json_escape_forward_slashes", "0".to_owned()),
            ("max_execution_time", config.deadline().as_secs().to_string()),
            ("max_memory_usage", config.scan_memory_bytes.to_string()),
            // A client that goes away ends the query.
            ("cancel_http_readonly_queries_on_client_close", on()),
        ];
        Self { store, shelf: Shelf::new(config.cache_bytes), settings }
    }

    /// A reader that takes its time, for rows to be archived: on two threads, sorting on the disk what is much.
    pub(crate) fn patient(store: Store) -> Self {
        let config = SqlConfig { deadline_s: 6 * 3600, ..SqlConfig::default() };
        let mut reader = Self::new(store, &config);
        let sort_in_memory = config.scan_memory_bytes / 4;
        reader.settings.push(("max_bytes_before_external_sort", sort_in_memory.to_string()));
        reader.settings.push(("max_threads", "2".to_owned()));
        reader
    }

    /// Rows of a statement of Headroom's own.
    pub(crate) async fn rows<T: RowOwned + RowRead>(&self, sql: &str) -> clickhouse::error::Result<Vec<T>> {
        self.query(sql).fetch_all().await
    }

    /// The tables that are read and the conditions that find their rows, to estimate by.
    pub(crate) fn probes(&self, question: &Question, tenant: &str) -> Vec<String> {
        question.probes(tenant, |name| self.store.table(name))
    }

    /// What the store is sent.
    pub(crate) fn sql(&self, question: &Question, tenant: &str) -> String {
        question.sql(tenant, |name| self.store.table(name))
    }

    /// The store that is read.
    pub(crate) fn store(&self) -> &Store {
        &self.store
    }

    /// The answer as a stream, of what is kept as far as that is the same; nothing is sent before the first poll, and
    /// dropping the stream ends the query.
    pub(crate) fn read(
        self: Arc<Self>,
        question: &Question,
        schema: SchemaRef,
        tenant: &str,
    ) -> BoxStream<'static, Result<RecordBatch>> {
        match Daily::new(question) {
            Some(daily) => cache::read(self, daily, schema, tenant),
            None => self.asked(question, schema, tenant),
        }
    }

    /// The answer of ClickHouse.
    pub(crate) fn asked(
        self: &Arc<Self>,
        question: &Question,
        schema: SchemaRef,
        tenant: &str,
    ) -> BoxStream<'static, Result<RecordBatch>> {
        let reader = Arc::clone(self);
        let sql = self.sql(question, tenant);
        let view = question.view().name;
        let counted = question.counts();
        let batches = stream::try_unfold(None::<ArrowCursor>, move |cursor| {
            let (reader, sql) = (reader.clone(), sql.clone());
            async move {
                let mut cursor = match cursor {
                    Some(cursor) => cursor,
                    None => reader.open(&sql).map_err(|error| failed(view, &error))?,
                };
                let batch = cursor.next().await.map_err(|error| failed(view, &error))?;
                Ok(batch.map(|batch| (batch, Some(cursor))))
            }
        });
        if counted {
            let empty = schema;
            let chunks = batches.map(move |batch| {
                let chunks: Vec<Result<RecordBatch>> = match batch {
                    Ok(batch) => counts(&batch).map(|rows| without_columns(&empty, rows)).collect(),
                    Err(error) => vec![Err(error)],
                };
                stream::iter(chunks)
            });
            return chunks.flatten().boxed();
        }
        batches.map(move |batch| batch.and_then(|batch| shaped(&schema, &batch))).boxed()
    }

    fn open(&self, sql: &str) -> clickhouse::error::Result<ArrowCursor> {
        tracing::debug!(sql, "scan");
        metrics::counter!("headroom_sql_scans_total").increment(1);
        self.query(sql).fetch_arrow()
    }

    fn query(&self, sql: &str) -> Query {
        let query = self.store.client().query_raw(sql);
        self.settings.iter().fold(query, |query, (name, value)| query.with_setting(*name, value.as_str()))
    }
}

fn failed(view: &str, error: &clickhouse::error::Error) -> DataFusionError {
    let text = error.to_string();
    tracing::warn!(view, error = text, "scan failed");
    // The server's own text names tables and settings; its code says what matters.
    let own = if text.contains("TIMEOUT_EXCEEDED") {
        SqlError::Store { view: view.to_owned(), reason: "the store took too long".to_owned() }
    } else if text.contains("DECIMAL_OVERFLOW") {
        sum_overflows()
    } else if text.contains("MEMORY_LIMIT_EXCEEDED") {
        SqlError::Memory(format!("reading {view} passed the memory limit of one scan"))
    } else if text.contains("CANNOT_CONVERT_TYPE") {
        SqlError::Overflow(format!("a sum in {view} does not fit 64 bits"))
    } else {
        SqlError::Store { view: view.to_owned(), reason: brief(&text) }
    };
    DataFusionError::External(Box::new(own))
}

/// The first line, without the statement and the version that ClickHouse appends.
fn brief(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    line.chars().take(200).collect()
}

/// The sizes of the batches that stand for so many counted rows.
fn counts(batch: &RecordBatch) -> impl Iterator<Item = usize> + use<> {
    let total: u64 = match batch.columns().first() {
        Some(column) if column.data_type() == &DataType::UInt64 => {
            column.as_primitive::<UInt64Type>().values().iter().sum()
        }
        _ => 0,
    };
    let full = total / COUNTED_BATCH;
    let rest = total % COUNTED_BATCH;
    (0..full).map(|_| COUNTED_BATCH as usize).chain((rest > 0).then_some(rest as usize))
}

fn without_columns(schema: &SchemaRef, rows: usize) -> Result<RecordBatch> {
    let options = RecordBatchOptions::new().with_row_count(Some(rows));
    Ok(RecordBatch::try_new_with_options(schema.clone(), Vec::new(), &options)?)
}

fn sum_overflows() -> SqlError {
    SqlError::Overflow(format!("sum() does not fit Decimal128{DECIMAL:?}"))
}

fn too_many_digits() -> ArrowError {
    ArrowError::ExternalError(Box::new(DataFusionError::External(Box::new(sum_overflows()))))
}

/// The batch with the view's names and types.
fn shaped(schema: &SchemaRef, batch: &RecordBatch) -> Result<RecordBatch> {
    let exact = CastOptions { safe: false, ..CastOptions::default() };
    let columns: Result<Vec<ArrayRef>, _> = schema
        .fields()
        .iter()
        .zip(batch.columns())
        .map(|(field, column)| {
            if column.data_type() == field.data_type() {
                // ClickHouse's own decimals have as many digits as fit 128 bits.
                if let DataType::Decimal128(digits, _) = field.data_type() {
                    let values = column.as_primitive::<Decimal128Type>();
                    values.validate_decimal_precision(*digits).map_err(|_| too_many_digits())?;
                }
                Ok(column.clone())
            } else {
                cast_with_options(column, field.data_type(), &exact)
            }
        })
        .collect();
    Ok(RecordBatch::try_new(schema.clone(), columns?)?)
}

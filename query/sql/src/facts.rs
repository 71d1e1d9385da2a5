//! Views of what the program knows itself: objectives, alerts, deployments, walls, costs, the audit trail.
//!
//! The program implements [`Facts`]; rows come as JSON objects with the view's columns, and are held to its types. They
//! are few. What a view says of many days is asked for by the days that conditions on `ts` leave, and refused where that
//! is too much: half the rows would give a wrong answer without a word.

use std::fmt;
use std::sync::Arc;

use arrow::json::ReaderBuilder;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::catalog::memory::MemorySourceConfig;
use datafusion::catalog::{Session, TableProvider};
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::{Expr, TableProviderFilterPushDown, TableType};
use datafusion::physical_plan::ExecutionPlan;

use crate::auth::Principal;
use crate::catalog::View;
use crate::error::SqlError;
use crate::scan::classify;
use crate::times::{self, TS};

/// Most rows of a view that are read for a statement.
const MOST: usize = 100_000;

/// Time that rows are of; open where nothing is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Days {
    /// From here on.
    pub from: Option<DateTime<Utc>>,
    /// Before this.
    pub to: Option<DateTime<Utc>>,
}

/// What the program knows beside the store.
#[async_trait]
pub trait Facts: Send + Sync {
    /// Whether somebody may read a view.
    fn open_to(&self, view: &str, by: &Principal) -> bool;

    /// The rows of a view as objects with its columns; of a view with `ts` those of these days, and `most` of them at
    /// most.
    ///
    /// # Errors
    /// Why they cannot be read, for the person who asked.
    async fn rows(
        &self,
        view: &str,
        by: &Principal,
        days: Days,
        most: usize,
    ) -> std::result::Result<Vec<serde_json::Value>, String>;
}

/// Such a view, for somebody.
pub(crate) struct FactsProvider {
    view: &'static View,
    by: Principal,
    facts: Option<Arc<dyn Facts>>,
    schema: SchemaRef,
}

impl FactsProvider {
    pub(crate) fn new(view: &'static View, by: Principal, facts: Option<Arc<dyn Facts>>) -> Self {
        Self { view, by, facts, schema: view.schema() }
    }

    async fn rows(&self, days: Days) -> std::result::Result<RecordBatch, SqlError> {
        let failed = |reason| SqlError::Store { view: self.view.name.to_owned(), reason };
        let Some(facts) = &self.facts else {
            return Err(failed("a running node knows it: ask its SQL door".to_owned()));
        };
        if !facts.open_to(self.view.name, &self.by) {
            return Err(SqlError::Forbidden { view: self.view.name.to_owned(), role: self.by.role.clone() });
        }
        let rows = facts.rows(self.view.name, &self.by, days, MOST + 1).await.map_err(failed)?;
        if rows.len() > MOST {
            return Err(SqlError::TooManyFacts { view: self.view.name.to_owned(), most: MOST });
        }
        let mut decoder =
            ReaderBuilder::new(Arc::clone(&self.schema)).with_batch_size(MOST + 1).build_decoder()?;
        // As text: how a number of `serde_json` looks inside depends on its features.
        let lines: Vec<String> = rows.iter().map(ToString::to_string).collect();
        let text = lines.join("\n");
        let mut read = 0;
        while read < text.len() {
            read += match decoder.decode(&text.as_bytes()[read..])? {
                0 => break,
                some => some,
            };
        }
        Ok(decoder.flush()?.unwrap_or_else(|| RecordBatch::new_empty(Arc::clone(&self.schema))))
    }
}

impl fmt::Debug for FactsProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FactsProvider")
            .field("view", &self.view.name)
            .field("by", &self.by)
            .finish_non_exhaustive()
    }
}

#[async_trait]
impl TableProvider for FactsProvider {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    fn supports_filters_pushdown(&self, filters: &[&Expr]) -> Result<Vec<TableProviderFilterPushDown>> {
        let judge = |filter: &&Expr| match classify(self.view, filter) {
            Some(_) => TableProviderFilterPushDown::Inexact,
            None => TableProviderFilterPushDown::Unsupported,
        };
        Ok(filters.iter().map(judge).collect())
    }

    async fn scan(
        &self,
        _: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        _: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let known: Vec<_> =
            filters.iter().filter_map(|one| Some(classify(self.view, one)?.predicate)).collect();
        let range = times::range(&known, TS);
        let at = |nanos: i64, open: i64| (nanos != open).then(|| DateTime::from_timestamp_nanos(nanos));
        let days = Days { from: at(range.start, i64::MIN), to: at(range.end, i64::MAX) };
        let rows = self.rows(days).await.map_err(|error| DataFusionError::External(Box::new(error)))?;
        let schema = Arc::clone(&self.schema);
        Ok(MemorySourceConfig::try_new_exec(&[vec![rows]], schema, projection.cloned())?)
    }
}

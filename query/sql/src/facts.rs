//! Views of what the program knows itself: objectives, alerts, walls, the audit trail; and of what it works out from
//! many rows, such as the service map and positions.
//!
//! The program implements [`Facts`]; rows come as JSON objects with the view's columns, and are held to its types. They
//! are few. What a view says of a time, or of portfolios, is asked for by what conditions leave of these, and refused
//! where that is too much or cannot be told: half the rows would give a wrong answer without a word.

mod exec;

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::catalog::{Session, TableProvider};
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::{Expr, TableProviderFilterPushDown, TableType};
use datafusion::physical_plan::ExecutionPlan;

use crate::among::among;
use crate::auth::Principal;
use crate::catalog::{OfTime, View};
use crate::error::SqlError;
use crate::scan::{Predicate, classify};
use crate::times;
pub(crate) use exec::FactsExec;

/// The column by which views of portfolios are narrowed.
const PORTFOLIO: &str = "portfolio_id";

/// Time that rows are of; open where nothing is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Days {
    /// From here on.
    pub from: Option<DateTime<Utc>>,
    /// Before this.
    pub to: Option<DateTime<Utc>>,
}

/// What is asked of a view: at least the rows for which a statement's conditions hold. They are judged again.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Asked {
    /// The time of a view that has one.
    pub days: Days,
    /// The portfolios of a view that has some, where conditions name them.
    pub portfolios: Option<Vec<String>>,
    /// No more rows than this need be told.
    pub most: usize,
}

/// Why rows cannot be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Untold {
    /// Too much is asked, or what cannot be had.
    Refused {
        /// What is wrong with it.
        why: String,
        /// What to ask instead.
        hint: String,
    },
    /// Something does not work.
    Failed(String),
}

/// What the program knows beside the store.
#[async_trait]
pub trait Facts: Send + Sync {
    /// Whether somebody may read a view.
    fn open_to(&self, view: &str, by: &Principal) -> bool;

    /// The rows of a view as objects with its columns.
    ///
    /// # Errors
    /// Why they cannot be told, for the person who asked.
    async fn rows(
        &self,
        view: &str,
        by: &Principal,
        asked: &Asked,
    ) -> std::result::Result<Vec<serde_json::Value>, Untold>;
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

    /// What the conditions leave.
    fn asked(&self, conditions: &[Predicate]) -> std::result::Result<Asked, SqlError> {
        let mut asked = Asked { most: exec::MOST + 1, ..Asked::default() };
        if let Some(of) = self.view.of_time() {
            let range = times::range(conditions, of.column);
            let at = |nanos: i64, open: i64| (nanos != open).then(|| DateTime::from_timestamp_nanos(nanos));
            asked.days = Days { from: at(range.start, i64::MIN), to: at(range.end, i64::MAX) };
            let said = conditions.iter().any(|one| one.columns().iter().any(|it| it.name == of.column));
            if of.worked_out && said && asked.days.from.is_none() {
                return Err(self.unbounded(&of));
            }
        }
        if self.view.columns.iter().any(|column| column.name == PORTFOLIO) {
            asked.portfolios = among(conditions, PORTFOLIO).map(BTreeSet::into_iter).map(Iterator::collect);
        }
        Ok(asked)
    }

    fn unbounded(&self, of: &OfTime) -> SqlError {
        SqlError::Unbounded { view: self.view.name.to_owned(), column: of.column.to_owned() }
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
        let known: Vec<_> = filters.iter().map(|filter| classify(self.view, filter)).collect();
        if let Some(of) = self.view.of_time().filter(|of| of.worked_out) {
            let names = |filter: &&Expr| filter.column_refs().iter().any(|column| column.name == of.column);
            let unknown = filters.iter().zip(&known).any(|(filter, known)| known.is_none() && names(filter));
            let judged: Vec<_> = known.iter().flatten().map(|pushed| pushed.predicate.clone()).collect();
            // Which time is meant cannot be told, and all of it is too much.
            if unknown && times::range(&judged, of.column).start == i64::MIN {
                return Err(DataFusionError::External(Box::new(self.unbounded(&of))));
            }
        }
        let judge = |known: &Option<_>| match known {
            Some(_) => TableProviderFilterPushDown::Inexact,
            None => TableProviderFilterPushDown::Unsupported,
        };
        Ok(known.iter().map(judge).collect())
    }

    async fn scan(
        &self,
        _: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        _: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let external = |error: SqlError| DataFusionError::External(Box::new(error));
        let known: Vec<_> =
            filters.iter().filter_map(|one| Some(classify(self.view, one)?.predicate)).collect();
        let asked = self.asked(&known).map_err(external)?;
        let Some(facts) = &self.facts else {
            return Err(external(SqlError::Store {
                view: self.view.name.to_owned(),
                reason: "a running node knows it: ask its SQL door".to_owned(),
            }));
        };
        if !facts.open_to(self.view.name, &self.by) {
            let (view, role) = (self.view.name.to_owned(), self.by.role.clone());
            return Err(external(SqlError::Forbidden { view, role }));
        }
        let read = FactsExec::new(self.view, self.by.clone(), Arc::clone(facts), asked, projection)?;
        Ok(Arc::new(read))
    }
}

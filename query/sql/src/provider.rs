//! A view as DataFusion sees it. The tenant comes from the session and is put into every
//! read here: no text of a person can name it or leave it out.

use std::sync::Arc;

use async_trait::async_trait;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::internal_err;
use datafusion::error::Result;
use datafusion::logical_expr::{Expr, TableProviderFilterPushDown, TableType};
use datafusion::physical_plan::ExecutionPlan;

use crate::archive::{self, Reach};
use crate::catalog::View;
use crate::exec::ScanExec;
use crate::fetch::Reader;
use crate::scan::{Order, Output, Predicate, Question, Scan, classify};

/// A view, for one tenant.
#[derive(Debug, Clone)]
pub(crate) struct Provider {
    pub(crate) view: &'static View,
    pub(crate) schema: SchemaRef,
    pub(crate) reader: Arc<Reader>,
    pub(crate) tenant: Arc<str>,
    /// Off only in tests that compare both ways.
    pub(crate) push_filters: bool,
    /// Only the rows that come first in an order are asked for.
    pub(crate) first: Option<First>,
    /// How far the archive of this view reaches, as the statement found it.
    pub(crate) reach: Option<Reach>,
}

/// The rows that come first, by columns of the view.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct First {
    pub(crate) order: Vec<Order>,
    pub(crate) rows: usize,
}

impl Provider {
    pub(crate) fn new(
        view: &'static View,
        reader: Arc<Reader>,
        tenant: Arc<str>,
        push_filters: bool,
    ) -> Self {
        Self { view, schema: view.schema(), reader, tenant, push_filters, first: None, reach: None }
    }

    /// Whether some of the rows for which all of this holds may be in the archive.
    pub(crate) fn meets_archive(&self, predicates: &[Predicate]) -> bool {
        self.reach.as_ref().is_some_and(|reach| reach.meets(predicates))
    }

    /// A read of ClickHouse: the chosen columns of the rows for which all filters hold, and what is known of them besides.
    pub(crate) fn stored(
        &self,
        chosen: &[usize],
        filters: &[Expr],
        limit: Option<usize>,
        besides: Option<Predicate>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let schema = Arc::new(self.schema.project(chosen)?);
        let outputs = chosen.iter().map(|index| Output::Column(&self.view.columns[*index])).collect();
        let pushed: Vec<_> = filters.iter().filter_map(|filter| classify(self.view, filter)).collect();
        // A filter given here was promised to be judged: none may get lost.
        let all_exact = pushed.len() == filters.len() && pushed.iter().all(|one| one.exact);
        let predicates = pushed.into_iter().map(|one| one.predicate).chain(besides).collect();
        let (order, limit) = match self.first.as_ref().filter(|_| all_exact) {
            Some(first) => (ordered(first, chosen)?, Some(first.rows)),
            None => (Vec::new(), limit.filter(|_| all_exact)),
        };
        let scan = Scan { view: self.view, outputs, predicates, order, limit, apart: false };
        Ok(Arc::new(ScanExec::new(Question::Rows(scan), schema, self.reader.clone(), self.tenant.clone())))
    }
}

#[async_trait]
impl TableProvider for Provider {
    fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }

    fn table_type(&self) -> TableType {
        // Clients list what can be read under tables.
        TableType::Base
    }

    fn supports_filters_pushdown(&self, filters: &[&Expr]) -> Result<Vec<TableProviderFilterPushDown>> {
        let judge = |filter: &&Expr| match classify(self.view, filter) {
            Some(pushed) if self.push_filters && pushed.exact => TableProviderFilterPushDown::Exact,
            Some(_) if self.push_filters => TableProviderFilterPushDown::Inexact,
            _ => TableProviderFilterPushDown::Unsupported,
        };
        Ok(filters.iter().map(judge).collect())
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let all: Vec<usize> = (0..self.view.columns.len()).collect();
        let chosen = projection.unwrap_or(&all);
        match &self.reach {
            Some(reach) => archive::read(self, reach, state, chosen, filters, limit),
            None => self.stored(chosen, filters, limit, None),
        }
    }
}

/// The order by the places that its columns have among the chosen ones.
fn ordered(first: &First, chosen: &[usize]) -> Result<Vec<Order>> {
    let place = |by: &Order| {
        if let Some(output) = chosen.iter().position(|column| *column == by.output) {
            Ok(Order { output, ..*by })
        } else {
            internal_err!("rows are ordered by a column that is not read")
        }
    };
    first.order.iter().map(place).collect()
}

//! A view as DataFusion sees it. The tenant comes from the session and is put into every
//! read here: no text of a person can name it or leave it out.

use std::sync::Arc;

use async_trait::async_trait;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::catalog::{Session, TableProvider};
use datafusion::error::Result;
use datafusion::logical_expr::{Expr, TableProviderFilterPushDown, TableType};
use datafusion::physical_plan::ExecutionPlan;

use crate::catalog::View;
use crate::exec::ScanExec;
use crate::fetch::Reader;
use crate::scan::{Scan, classify};

/// A view, for one tenant.
#[derive(Debug)]
pub(crate) struct Provider {
    view: &'static View,
    schema: SchemaRef,
    reader: Arc<Reader>,
    tenant: Arc<str>,
    /// Off only in tests that compare both ways.
    push_filters: bool,
}

impl Provider {
    pub(crate) fn new(
        view: &'static View,
        reader: Arc<Reader>,
        tenant: Arc<str>,
        push_filters: bool,
    ) -> Self {
        Self { view, schema: view.schema(), reader, tenant, push_filters }
    }
}

#[async_trait]
impl TableProvider for Provider {
    fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }

    fn table_type(&self) -> TableType {
        TableType::View
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
        _: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let (schema, columns) = match projection {
            Some(chosen) => {
                let schema = Arc::new(self.schema.project(chosen)?);
                (schema, chosen.iter().map(|index| &self.view.columns[*index]).collect())
            }
            None => (self.schema.clone(), self.view.columns.iter().collect()),
        };
        let pushed: Vec<_> = filters.iter().filter_map(|filter| classify(self.view, filter)).collect();
        // A filter given here was promised to be judged: none may get lost.
        let all_exact = pushed.len() == filters.len() && pushed.iter().all(|one| one.exact);
        let predicates = pushed.into_iter().map(|one| one.predicate).collect();
        let scan = Scan { view: self.view, columns, predicates, limit: limit.filter(|_| all_exact) };
        Ok(Arc::new(ScanExec::new(scan, schema, self.reader.clone(), self.tenant.clone())))
    }
}

//! One person's read-only view of the data: from text to a running answer.

use std::sync::Arc;

use datafusion::arrow::datatypes::SchemaRef;
use datafusion::catalog::{CatalogProvider as _, MemoryCatalogProvider, MemorySchemaProvider, SchemaProvider as _};
use datafusion::common::TableReference;
use datafusion::execution::context::SQLOptions;
use datafusion::execution::runtime_env::RuntimeEnv;
use datafusion::logical_expr::LogicalPlan;
use datafusion::physical_plan::SendableRecordBatchStream;
use datafusion::prelude::{DataFrame, SessionConfig, SessionContext};
use datafusion::sql::parser::Statement;

use crate::catalog::views;
use crate::config::SqlConfig;
use crate::error::{Result, SqlError};
use crate::fetch::Reader;
use crate::provider::Provider;
use crate::{functions, statement};

/// The catalog's name, and the database name that Postgres clients connect to.
pub(crate) const CATALOG: &str = "headroom";
const SCHEMA: &str = "public";

/// A context that belongs to one connection and one tenant.
pub(crate) struct Session {
    context: SessionContext,
}

impl Session {
    pub(crate) fn new(reader: &Arc<Reader>, runtime: Arc<RuntimeEnv>, config: &SqlConfig, user: &str, tenant: &str, push_filters: bool) -> Result<Self> {
        let settings = SessionConfig::new()
            .with_default_catalog_and_schema(CATALOG, SCHEMA)
            .with_create_default_catalog_and_schema(false)
            .with_information_schema(true)
            .with_target_partitions(config.target_partitions.max(1))
            .set_str("datafusion.execution.time_zone", "+00:00");
        let context = SessionContext::new_with_config_rt(settings, runtime);
        let tenant: Arc<str> = tenant.into();
        let schema = MemorySchemaProvider::new();
        for view in views() {
            let provider = Provider::new(view, reader.clone(), tenant.clone(), push_filters);
            schema.register_table(view.name.to_owned(), Arc::new(provider))?;
        }
        let catalog = MemoryCatalogProvider::new();
        catalog.register_schema(SCHEMA, Arc::new(schema))?;
        context.register_catalog(CATALOG, Arc::new(catalog));
        functions::register(&context, user);
        Ok(Self { context })
    }

    /// Parses, checks and plans one question. Nothing runs yet.
    pub(crate) async fn plan(&self, sql: &str) -> Result<LogicalPlan> {
        self.plan_statement(statement::parse(sql)?).await
    }

    pub(crate) async fn plan_statement(&self, statement: Statement) -> Result<LogicalPlan> {
        statement::allow(&statement)?;
        let state = self.context.state();
        for table in state.resolve_table_references(&statement)? {
            // `FROM generate_series(..)` reads no table.
            let function = matches!(&table, TableReference::Bare { table } if state.table_functions().contains_key(table.as_ref()));
            if !function {
                check_table(&table)?;
            }
        }
        let plan = state.statement_to_plan(statement).await?;
        SQLOptions::new().with_allow_ddl(false).with_allow_dml(false).with_allow_statements(false).verify_plan(&plan)?;
        Ok(plan)
    }

    #[cfg(test)]
    pub(crate) async fn physical(&self, plan: LogicalPlan) -> Result<Arc<dyn datafusion::physical_plan::ExecutionPlan>> {
        Ok(self.context.state().create_physical_plan(&plan).await?)
    }

    /// Starts a plan, for at most `rows` rows and one more that tells of the rest.
    pub(crate) async fn run(&self, plan: LogicalPlan, rows: usize) -> Result<Running> {
        let limited = !matches!(plan, LogicalPlan::Explain(_) | LogicalPlan::Analyze(_) | LogicalPlan::DescribeTable(_));
        let mut frame = DataFrame::new(self.context.state(), plan);
        if limited {
            frame = frame.limit(0, Some(rows.saturating_add(1)))?;
        }
        let schema = Arc::clone(frame.schema().inner());
        let batches = frame.execute_stream().await?;
        Ok(Running { schema, batches })
    }
}

/// A started answer.
pub(crate) struct Running {
    pub(crate) schema: SchemaRef,
    pub(crate) batches: SendableRecordBatchStream,
}

/// Refuses a table that is not there, and says which are.
fn check_table(table: &TableReference) -> Result<()> {
    let schema = table.schema().unwrap_or(SCHEMA);
    if schema == "information_schema" {
        return Ok(());
    }
    let here = table.catalog().is_none_or(|catalog| catalog == CATALOG) && schema == SCHEMA;
    if here && views().any(|view| view.name == table.table()) {
        return Ok(());
    }
    let available = views().map(|view| view.name.to_owned()).collect();
    Err(SqlError::UnknownTable { name: table.to_string(), available })
}

//! How clients find their way before they ask: `pg_catalog` and `information_schema`.
//!
//! psql, pgjdbc and the BI tools read Postgres' own tables to list what there is, in statements that have to be
//! rewritten before DataFusion takes them. Such a statement is planned in a context of its own. It describes the
//! views and has no way to their rows, so that nothing that rewriting does can make a figure wrong. A statement that
//! names a view beside these tables is none of them, and is not rewritten.

mod catalog;
mod functions;
mod information;
mod rewrite;
mod words;

use std::sync::{Arc, LazyLock};

use datafusion::catalog::{CatalogProvider as _, MemoryCatalogProvider, SchemaProvider};
use datafusion::common::TableReference;
use datafusion::execution::runtime_env::RuntimeEnv;
use datafusion::execution::session_state::{SessionState, SessionStateBuilder};
use datafusion::logical_expr::LogicalPlan;
use datafusion::prelude::{SessionConfig, SessionContext};
use datafusion::sql::parser::Statement;
use datafusion_pg_catalog::pg_catalog::oid_type_planner::PgOidTypePlanner;
use datafusion_pg_catalog::sql::PostgresCompatibilityParser;

use crate::error::{Result, SqlError};
use crate::session::{CATALOG, ROWS_AT_ONCE, SCHEMA, verified};
use crate::{functions as offered, statement};

pub(crate) use words::concerns;

/// Postgres' own tables.
pub(crate) const PG_CATALOG: &str = "pg_catalog";
/// The standard's tables.
pub(crate) const INFORMATION_SCHEMA: &str = "information_schema";

/// Where statements about the catalog are planned; of all sessions, apart from the user's name.
#[derive(Debug)]
pub(crate) struct Browse {
    state: SessionState,
    tables: Arc<dyn SchemaProvider>,
    information: Arc<dyn SchemaProvider>,
}

impl Browse {
    pub(crate) async fn new(runtime: Arc<RuntimeEnv>) -> Result<Self> {
        let settings = SessionConfig::new()
            .with_default_catalog_and_schema(CATALOG, SCHEMA)
            .with_create_default_catalog_and_schema(false)
            .with_target_partitions(1)
            .with_batch_size(ROWS_AT_ONCE)
            .set_bool("datafusion.execution.enable_recursive_ctes", false);
        let state = SessionStateBuilder::new()
            .with_config(settings)
            .with_analyzer_rules(offered::rules(&runtime.memory_pool))
            .with_runtime_env(runtime)
            .with_default_features()
            .with_type_planner(Arc::new(PgOidTypePlanner))
            .build();
        let context = SessionContext::new_with_state(state);
        let information = information::schema()?;
        let catalog = MemoryCatalogProvider::new();
        let (tables, keywords) = catalog::schema().await?;
        catalog.register_schema(PG_CATALOG, Arc::clone(&tables))?;
        context.register_udtf("pg_get_keywords", keywords);
        catalog.register_schema(INFORMATION_SCHEMA, Arc::clone(&information))?;
        context.register_catalog(CATALOG, Arc::new(catalog));
        functions::register(&context);
        Ok(Self { state: context.state(), tables, information })
    }

    /// A context for one user.
    pub(crate) fn context(&self, user: &str) -> SessionContext {
        let context = SessionContext::new_with_state(self.state.clone());
        offered::register_session(&context, user);
        context
    }

    /// The plan of a statement; none if it is not about the catalog alone.
    pub(crate) async fn plan(&self, context: &SessionContext, sql: &str) -> Result<Option<LogicalPlan>> {
        static PARSER: LazyLock<PostgresCompatibilityParser> =
            LazyLock::new(PostgresCompatibilityParser::new);
        statement::check_text(sql)?;
        // What it does not take is told by the parser of all other statements.
        let sql = words::numbered(sql, catalog::oid);
        let Ok(mut statements) = PARSER.parse(&sql) else { return Ok(None) };
        let (Some(mut ast), true) = (statements.pop(), statements.is_empty()) else { return Ok(None) };
        rewrite::rewrite(&mut ast);
        let statement = Statement::Statement(Box::new(ast));
        statement::check(&statement)?;
        let state = context.state();
        let tables = state.resolve_table_references(&statement)?;
        if !tables.iter().all(|table| self.describes(&state, table)) {
            return Ok(None);
        }
        if let Some(table) = tables.iter().find(|table| self.hides(table)) {
            return Err(SqlError::UnknownTable {
                name: table.to_string(),
                available: self.tables.table_names(),
            });
        }
        verified(&state, statement, functions::OFFERED).await.map(Some)
    }

    /// Whether a table of Postgres is not here.
    fn hides(&self, table: &TableReference) -> bool {
        table.schema() == Some(PG_CATALOG) && !self.tables.table_exist(table.table())
    }

    fn describes(&self, state: &SessionState, table: &TableReference) -> bool {
        match table.schema() {
            Some(PG_CATALOG) => true,
            Some(INFORMATION_SCHEMA) => self.information.table_exist(table.table()),
            Some(_) => false,
            None => state.table_functions().contains_key(table.table()),
        }
    }
}

/// The refusal of `pg_catalog` beside a view.
pub(crate) fn not_beside_views() -> SqlError {
    SqlError::Unsupported(
        "pg_catalog is asked on its own: no view of data may be in the same statement".to_owned(),
    )
}

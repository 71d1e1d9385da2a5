//! One person's read-only view of the data: from text to a running answer.

use std::sync::{Arc, OnceLock};

use datafusion::arrow::array::{ArrayRef, RecordBatch, StringArray};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, SchemaRef};
use datafusion::catalog::{
    CatalogProvider as _, MemoryCatalogProvider, MemorySchemaProvider, SchemaProvider as _, TableProvider,
};
use datafusion::common::{ParamValues, TableReference};
use datafusion::execution::context::SQLOptions;
use datafusion::execution::runtime_env::RuntimeEnv;
use datafusion::execution::session_state::{SessionState, SessionStateBuilder};
use datafusion::logical_expr::LogicalPlan;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{SendableRecordBatchStream, execute_stream};
use datafusion::prelude::{DataFrame, SessionConfig, SessionContext};
use datafusion::sql::parser::Statement;
use futures::{StreamExt as _, stream};
use tokio::sync::{OnceCell, mpsc, oneshot};
use tokio_util::task::AbortOnDropHandle;

use crate::archive::Past;
use crate::auth::Principal;
use crate::browse::{self, Browse};
use crate::catalog::views;
use crate::config::SqlConfig;
use crate::cost::{self, Cost};
use crate::error::{Result, SqlError};
use crate::facts::{Facts, FactsProvider};
use crate::fetch::Reader;
use crate::provider::Provider;
use crate::pushdown::PushDown;
use crate::turns::with_turns;
use crate::values::with_bounds;
use crate::workers::Workers;
use crate::{functions, parameters, shown, statement};

/// The catalog's name, and the database name that Postgres clients connect to; the schema that all views are in.
pub(crate) const CATALOG: &str = "headroom";
pub(crate) const SCHEMA: &str = "public";

/// Rows that are worked on at once: a large text is copied to so many where it is joined with them.
pub(crate) const ROWS_AT_ONCE: usize = 2_048;

/// What every session of a door shares.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) config: SqlConfig,
    pub(crate) reader: Arc<Reader>,
    pub(crate) runtime: Arc<RuntimeEnv>,
    pub(crate) workers: Workers,
    /// Made when a client first asks for the catalog.
    pub(crate) browse: OnceCell<Browse>,
    /// Off only where both ways are compared.
    pub(crate) push_filters: bool,
    /// Days that may be in no other place any more.
    pub(crate) past: Option<Past>,
}

/// A context that belongs to one connection and one tenant.
pub(crate) struct Session {
    context: SessionContext,
    shared: Arc<Shared>,
    user: Arc<str>,
    /// Where its questions about the catalog are planned and run; made for the first of them.
    browsing: Arc<OnceLock<SessionContext>>,
    /// Most rows that a statement may read.
    read_rows: u64,
}

/// A checked question.
#[derive(Debug, Clone)]
pub(crate) struct Planned {
    /// As it was asked.
    pub(crate) text: Arc<str>,
    pub(crate) plan: LogicalPlan,
    /// The columns of its answer.
    pub(crate) schema: SchemaRef,
    /// Whether it asks for the catalog, and not for data.
    browses: bool,
    /// The parameters in order, `None` where the question leaves the type open.
    pub(crate) parameters: Vec<Option<DataType>>,
}

impl Session {
    pub(crate) fn new(shared: &Arc<Shared>, by: &Principal, facts: Option<&Arc<dyn Facts>>) -> Result<Self> {
        let settings = SessionConfig::new()
            .with_default_catalog_and_schema(CATALOG, SCHEMA)
            .with_create_default_catalog_and_schema(false)
            .with_information_schema(true)
            .set_bool("datafusion.execution.enable_recursive_ctes", false)
            .with_batch_size(ROWS_AT_ONCE)
            .with_target_partitions(shared.config.target_partitions.max(1))
            .set_str("datafusion.execution.time_zone", "+00:00");
        let state = SessionStateBuilder::new()
            .with_config(settings)
            .with_runtime_env(shared.runtime.clone())
            .with_default_features()
            .with_analyzer_rules(functions::rules(&shared.runtime.memory_pool))
            .build();
        let mut context = SessionContext::new_with_state(state);
        let tenant: Arc<str> = by.tenant.as_str().into();
        let schema = MemorySchemaProvider::new();
        for view in views() {
            let provider: Arc<dyn TableProvider> = if view.is_of_facts() {
                Arc::new(FactsProvider::new(view, by.clone(), facts.cloned()))
            } else {
                let (reader, tenant) = (shared.reader.clone(), tenant.clone());
                Arc::new(Provider::new(view, reader, tenant, shared.push_filters))
            };
            schema.register_table(view.name.to_owned(), provider)?;
        }
        let catalog = MemoryCatalogProvider::new();
        catalog.register_schema(SCHEMA, Arc::new(schema))?;
        context.register_catalog(CATALOG, Arc::new(catalog));
        functions::register(&mut context, &by.name)?;
        context.add_optimizer_rule(Arc::new(PushDown));
        let read_rows = shared.config.limits(&by.role).read_rows;
        let (user, browsing) = (by.name.as_str().into(), Arc::default());
        Ok(Self { context, shared: shared.clone(), user, browsing, read_rows })
    }

    /// The same, without a limit to what is read: for files that an operator asks for.
    pub(crate) fn reading_all(self) -> Self {
        Self { read_rows: u64::MAX, ..self }
    }

    /// Parses, checks and plans one question. Nothing is read yet. `held` is let go when the work has ended, which
    /// may be later than the caller has lost its patience.
    pub(crate) async fn plan(&self, sql: &str, held: impl Send + 'static) -> Result<Planned> {
        let (context, sql) = (self.context.clone(), sql.to_owned());
        let (shared, user) = (Arc::clone(&self.shared), Arc::clone(&self.user));
        let browsing = Arc::clone(&self.browsing);
        let work = async move {
            let _held = held;
            if browse::concerns(&sql) {
                let browse = shared.browse().await?;
                let context = browsing.get_or_init(|| browse.context(&user));
                if let Some(plan) = browse.plan(context, &sql).await? {
                    return Planned::new(&sql, plan, true);
                }
            }
            Planned::new(&sql, plan(&context, &sql).await?, false)
        };
        self.shared.workers.spawn(work).await.map_err(|error| broken(&error))?
    }

    /// Starts a question, for at most `rows` rows and one more that tells of the rest. `held` is let go when the
    /// work has ended.
    pub(crate) async fn run(
        &self,
        planned: &Planned,
        values: Option<ParamValues>,
        rows: usize,
        held: impl Send + 'static,
    ) -> Result<Running> {
        let plan = planned.plan.clone();
        let context = self.browsing.get().filter(|_| planned.browses).unwrap_or(&self.context).clone();
        let (past, read_rows) = (self.shared.past.clone(), self.read_rows);
        let (say, heard) = oneshot::channel();
        let (give, batches) = mpsc::channel(1);
        let task = self.shared.workers.spawn(async move {
            let _held = held;
            let mut stream = match start(&context, past.as_ref(), plan, values, rows, read_rows).await {
                Ok((schema, stream)) => {
                    let _ = say.send(Ok(schema));
                    stream
                }
                Err(error) => {
                    let _ = say.send(Err(error));
                    return;
                }
            };
            while let Some(batch) = stream.next().await {
                // Nobody listens any more: the reads end with the stream.
                if give.send(batch.map_err(SqlError::from)).await.is_err() {
                    return;
                }
            }
        });
        match heard.await {
            Ok(schema) => Ok(Running { schema: schema?, batches, task: Some(task) }),
            Err(_) => Err(task.await.map_or_else(|error| broken(&error), |()| unsaid())),
        }
    }

    #[cfg(test)]
    pub(crate) async fn physical(
        &self,
        sql: &str,
    ) -> Result<Arc<dyn datafusion::physical_plan::ExecutionPlan>> {
        let planned = self.plan(sql, ()).await?;
        Ok(self.context.state().create_physical_plan(&planned.plan).await?)
    }
}

impl Planned {
    fn new(text: &str, plan: LogicalPlan, browses: bool) -> Result<Self> {
        let parameters = parameters::types(&plan, browses)?;
        let schema = shown::schema(&plan);
        Ok(Self { text: text.into(), plan, schema, browses, parameters })
    }
}

impl Shared {
    async fn browse(&self) -> Result<&Browse> {
        self.browse.get_or_try_init(|| Browse::new(Arc::clone(&self.runtime))).await
    }
}

async fn plan(context: &SessionContext, sql: &str) -> Result<LogicalPlan> {
    let statement = statement::parse(sql)?;
    statement::allow(&statement)?;
    let state = context.state();
    for table in state.resolve_table_references(&statement)? {
        // `FROM generate_series(..)` reads no table.
        let function = matches!(&table, TableReference::Bare { table } if state.table_functions().contains_key(table.as_ref()));
        if !function {
            check_table(&table)?;
        }
    }
    verified(&state, statement, "").await
}

/// The plan of a statement, if it only reads and calls what is offered; `also` names functions offered beside the others.
pub(crate) async fn verified(state: &SessionState, statement: Statement, also: &str) -> Result<LogicalPlan> {
    let plan = state.statement_to_plan(statement).await?;
    SQLOptions::new()
        .with_allow_ddl(false)
        .with_allow_dml(false)
        .with_allow_statements(false)
        .verify_plan(&plan)?;
    functions::check(&plan, also)?;
    Ok(plan)
}

async fn start(
    context: &SessionContext,
    past: Option<&Past>,
    mut plan: LogicalPlan,
    values: Option<ParamValues>,
    rows: usize,
    read_rows: u64,
) -> Result<(SchemaRef, SendableRecordBatchStream)> {
    if let Some(values) = values {
        plan = plan.replace_params_with_values(&values)?;
    }
    if let Some(past) = past {
        plan = past.fix(plan).await?;
    }
    let limited =
        !matches!(plan, LogicalPlan::Explain(_) | LogicalPlan::Analyze(_) | LogicalPlan::DescribeTable(_));
    let mut frame = DataFrame::new(context.state(), plan);
    if limited {
        frame = frame.limit(0, Some(rows.saturating_add(1)))?;
    }
    let schema = Arc::clone(frame.schema().inner());
    let task = Arc::new(frame.task_ctx());
    let explained = match frame.logical_plan() {
        LogicalPlan::Explain(explain) => Some(Arc::clone(&explain.plan)),
        _ => None,
    };
    let plan = with_bounds(with_turns(frame.create_physical_plan().await?)?)?;
    let Some(explained) = explained else {
        cost::of(&plan).await?.check(read_rows)?;
        return Ok((schema, execute_stream(plan, task)?));
    };
    let cost = cost::of(&context.state().create_physical_plan(&explained).await?).await?;
    let told = told(&schema, &cost)?;
    let rows = execute_stream(plan, task)?.chain(stream::iter([Ok(told)]));
    Ok((Arc::clone(&schema), Box::pin(RecordBatchStreamAdapter::new(schema, rows))))
}

/// What a statement would cost, as a line of what EXPLAIN says.
fn told(schema: &SchemaRef, cost: &Cost) -> Result<RecordBatch> {
    let texts = ["cost".to_owned(), format!("reads about {cost}")];
    let columns = schema.fields().iter().zip(texts).map(|(field, text)| {
        Ok(cast(&(Arc::new(StringArray::from(vec![text])) as ArrayRef), field.data_type())?)
    });
    Ok(RecordBatch::try_new(Arc::clone(schema), columns.collect::<Result<_>>()?)?)
}

/// A started answer. Dropping it stops the work and the reads.
pub(crate) struct Running {
    pub(crate) schema: SchemaRef,
    batches: mpsc::Receiver<Result<RecordBatch>>,
    task: Option<AbortOnDropHandle<()>>,
}

impl Running {
    /// The next rows; `None` when there are no more.
    pub(crate) async fn next(&mut self) -> Result<Option<RecordBatch>> {
        if let Some(batch) = self.batches.recv().await {
            return batch.map(Some);
        }
        // An end without words may be a crash: half an answer must not look whole.
        match self.task.take() {
            Some(task) => task.await.map(|()| None).map_err(|error| broken(&error)),
            None => Ok(None),
        }
    }
}

fn broken(error: &tokio::task::JoinError) -> SqlError {
    SqlError::Internal(format!("the statement's work ended early: {error}"))
}

fn unsaid() -> SqlError {
    SqlError::Internal("the statement's work ended without an answer".to_owned())
}

/// Refuses a table that is not there, and says which are.
fn check_table(table: &TableReference) -> Result<()> {
    let schema = table.schema().unwrap_or(SCHEMA);
    match schema {
        browse::INFORMATION_SCHEMA => return Ok(()),
        browse::PG_CATALOG => return Err(browse::not_beside_views()),
        _ => {}
    }
    let here = table.catalog().is_none_or(|catalog| catalog == CATALOG) && schema == SCHEMA;
    if here && views().any(|view| view.name == table.table()) {
        return Ok(());
    }
    let available = views().map(|view| view.name.to_owned()).collect();
    Err(SqlError::UnknownTable { name: table.to_string(), available })
}

//! The door: what all ways in share.

use std::num::NonZeroUsize;
use std::sync::Arc;

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::execution::memory_pool::{FairSpillPool, TrackConsumersPool};
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use headroom_archive::Archive;
use headroom_store::{Clock, Store};
use tokio::sync::OnceCell;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::archive::{self, Past};
use crate::auth::Principal;
use crate::config::SqlConfig;
use crate::error::{Result, SqlError};
use crate::facts::Facts;
use crate::fetch::Reader;
use crate::json::{self, SqlAnswer};
use crate::limits::Limits;
use crate::queue::{Queue, Turn};
use crate::record::{Asked, Ledger, Log};
use crate::session::{Session, Shared};
use crate::watch::Watch;
use crate::workers::Workers;

/// The door of the web API, as records call it.
const HTTP: &str = "http";

/// The analysts' door to one store. Clones are cheap and share all limits.
#[derive(Clone)]
pub struct SqlDoor {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) shared: Arc<Shared>,
    queue: Arc<Queue>,
    log: Arc<Log>,
    ledger: Option<Arc<dyn Ledger>>,
    facts: Option<Arc<dyn Facts>>,
}

impl SqlDoor {
    /// Prepares the door; nothing is sent to the store yet.
    pub fn new(store: Store, config: SqlConfig) -> Result<Self> {
        Self::build(store, config, true, None)
    }

    /// The same over a store whose older days are in an archive.
    pub fn archived(
        store: Store,
        config: SqlConfig,
        archive: Arc<Archive>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self> {
        Self::build(store, config, true, Some(Past { archive, clock }))
    }

    /// A door that pushes no filter to ClickHouse: DataFusion judges every row. Slow, and
    /// there to compare with.
    pub fn without_push_down(store: Store, config: SqlConfig) -> Result<Self> {
        Self::build(store, config, false, None)
    }

    fn build(store: Store, config: SqlConfig, push_filters: bool, past: Option<Past>) -> Result<Self> {
        // The largest five users of memory are named when it runs out.
        let named = NonZeroUsize::new(5).expect("invariant: five is not zero");
        let pool = TrackConsumersPool::new(FairSpillPool::new(config.memory_bytes), named);
        let runtime = RuntimeEnvBuilder::new()
            .with_memory_pool(Arc::new(pool))
            .with_max_temp_directory_size(config.spill_bytes)
            .build_arc()?;
        if let Some(past) = &past {
            runtime.register_object_store(archive::url().as_ref(), past.archive.place().store().clone());
        }
        let workers = Workers::new(config.target_partitions)?;
        let log = Arc::new(Log::new(store.clone(), &workers));
        let reader = Arc::new(Reader::new(store, &config));
        let queue = Arc::new(Queue::new(config.concurrent));
        let browse = OnceCell::new();
        let shared = Arc::new(Shared { config, reader, runtime, workers, browse, push_filters, past });
        Ok(Self { inner: Arc::new(Inner { shared, queue, log, ledger: None, facts: None }) })
    }

    /// The same door; each statement is on record in `ledger` before it runs.
    #[must_use]
    pub fn recording(self, ledger: Arc<dyn Ledger>) -> Self {
        let facts = self.inner.facts.clone();
        self.with(Some(ledger), facts)
    }

    /// The same door, with views of what the program knows beside the store.
    #[must_use]
    pub fn telling(self, facts: Arc<dyn Facts>) -> Self {
        let ledger = self.inner.ledger.clone();
        self.with(ledger, Some(facts))
    }

    fn with(&self, ledger: Option<Arc<dyn Ledger>>, facts: Option<Arc<dyn Facts>>) -> Self {
        let Inner { shared, queue, log, .. } = &*self.inner;
        let (shared, queue, log) = (shared.clone(), queue.clone(), log.clone());
        Self { inner: Arc::new(Inner { shared, queue, log, ledger, facts }) }
    }

    /// Answers one statement of somebody with at most `limit` rows (and never more than the
    /// configured number), for `POST /api/v1/sql`. Dropping the future stops the statement.
    pub async fn query_json(&self, by: &Principal, sql: &str, limit: Option<usize>) -> Result<SqlAnswer> {
        let started = Instant::now();
        let most = limit.unwrap_or(usize::MAX).min(self.inner.limits(by).http_rows);
        let answer = self.asked(by, sql, most).await?;
        let columns = answer.schema.fields().iter().map(|field| json::column(field)).collect();
        let mut rows = Vec::new();
        for batch in &answer.batches {
            rows.extend(json::rows(batch)?);
        }
        let elapsed_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        Ok(SqlAnswer { columns, row_count: rows.len(), rows, truncated: answer.truncated, elapsed_ms })
    }

    /// The same as batches, for files; as many rows as over Postgres.
    pub async fn query_batches(&self, by: &Principal, sql: &str, limit: Option<usize>) -> Result<Batches> {
        let most = limit.unwrap_or(usize::MAX).min(self.inner.limits(by).rows);
        self.asked(by, sql, most).await
    }

    async fn asked(&self, by: &Principal, sql: &str, most: usize) -> Result<Batches> {
        let mut asked = self.inner.asked(by, HTTP, sql);
        let answer = self.answer(by, sql, most, &mut asked).await;
        asked.over(&answer);
        answer
    }

    async fn answer(&self, by: &Principal, sql: &str, most: usize, asked: &mut Asked) -> Result<Batches> {
        let limits = self.inner.limits(by);
        let mut watch = Watch::new(limits.deadline, CancellationToken::new());
        let turn = watch.on(self.inner.turn(by)).await??;
        let session = self.inner.session(by)?;
        let planned = watch.on(session.plan(sql, Arc::clone(&turn))).await??;
        if !planned.parameters.is_empty() {
            return Err(SqlError::Plan(
                "there are no values for the parameters $1 ..; write them out".to_owned(),
            ));
        }
        self.inner.record(by, HTTP, sql).await?;
        let mut running = watch.on(session.run(&planned, None, most, turn)).await??;
        let (mut batches, mut rows, mut bytes, mut truncated) = (Vec::new(), 0, 0, false);
        while let Some(batch) = watch.on(running.next()).await?? {
            bytes += crate::watch::size(&batch);
            if bytes > limits.bytes {
                return Err(SqlError::TooManyBytes(limits.bytes));
            }
            truncated = batch.num_rows() > most - rows;
            let batch = batch.slice(0, batch.num_rows().min(most - rows));
            rows += batch.num_rows();
            asked.gave(batch.num_rows(), crate::watch::size(&batch));
            batches.push(batch);
            if truncated {
                break;
            }
        }
        Ok(Batches { schema: running.schema.clone(), batches, truncated })
    }
}

/// An answer in columns.
#[derive(Debug, Clone)]
pub struct Batches {
    /// Names and types, in order.
    pub schema: SchemaRef,
    /// The rows.
    pub batches: Vec<RecordBatch>,
    /// Whether there are more rows than were given.
    pub truncated: bool,
}

impl Inner {
    /// Waits for a free place among the running statements.
    pub(crate) async fn turn(&self, by: &Principal) -> Result<Turn> {
        self.queue.turn(by, self.limits(by).at_once).await
    }

    /// What somebody's statements may cost.
    pub(crate) fn limits(&self, by: &Principal) -> Limits {
        self.shared.config.limits(&by.role)
    }

    /// A statement that begins.
    pub(crate) fn asked(&self, by: &Principal, door: &'static str, sql: &str) -> Asked {
        Asked::new(self.log.clone(), by, door, sql)
    }

    /// Puts a statement on record; what cannot be is not to be run.
    pub(crate) async fn record(&self, by: &Principal, door: &'static str, sql: &str) -> Result<()> {
        let Some(ledger) = self.ledger.clone() else { return Ok(()) };
        let (by, sql) = (by.clone(), sql.to_owned());
        let recorded = tokio::task::spawn_blocking(move || ledger.asked(&by, door, &sql)).await;
        recorded.map_err(|error| error.to_string()).and_then(|outcome| outcome).map_err(|error| {
            tracing::error!(error, "a statement was not run: it cannot be put on record");
            SqlError::Unrecorded
        })
    }

    pub(crate) fn config(&self) -> &SqlConfig {
        &self.shared.config
    }

    /// A fresh context for somebody.
    pub(crate) fn session(&self, by: &Principal) -> Result<Session> {
        Session::new(&self.shared, by, self.facts.as_ref())
    }
}

//! The door: what all ways in share.

use std::num::NonZeroUsize;
use std::sync::Arc;

use datafusion::execution::memory_pool::{FairSpillPool, TrackConsumersPool};
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use headroom_store::Store;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::config::SqlConfig;
use crate::error::{Result, SqlError};
use crate::fetch::Reader;
use crate::json::{self, SqlAnswer};
use crate::session::{Session, Shared};
use crate::watch::Watch;
use crate::workers::Workers;

/// A place among the running statements, given back when the last who holds it lets go.
pub(crate) type Turn = Arc<OwnedSemaphorePermit>;

/// The analysts' door to one store. Clones are cheap and share all limits.
#[derive(Clone)]
pub struct SqlDoor {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) shared: Arc<Shared>,
    running: Arc<Semaphore>,
}

impl SqlDoor {
    /// Prepares the door; nothing is sent to the store yet.
    pub fn new(store: Store, config: SqlConfig) -> Result<Self> {
        Self::build(store, config, true)
    }

    /// A door that pushes no filter to ClickHouse: DataFusion judges every row. Slow, and
    /// there to compare with.
    pub fn without_push_down(store: Store, config: SqlConfig) -> Result<Self> {
        Self::build(store, config, false)
    }

    fn build(store: Store, config: SqlConfig, push_filters: bool) -> Result<Self> {
        // The largest five users of memory are named when it runs out.
        let named = NonZeroUsize::new(5).expect("invariant: five is not zero");
        let pool = TrackConsumersPool::new(FairSpillPool::new(config.memory_bytes), named);
        let runtime = RuntimeEnvBuilder::new()
            .with_memory_pool(Arc::new(pool))
            .with_max_temp_directory_size(config.spill_bytes)
            .build_arc()?;
        let reader = Arc::new(Reader::new(store, &config));
        let running = Arc::new(Semaphore::new(config.concurrent.max(1)));
        let workers = Workers::new(config.target_partitions)?;
        let shared = Arc::new(Shared { config, reader, runtime, workers, push_filters });
        Ok(Self { inner: Arc::new(Inner { shared, running }) })
    }

    /// Answers one statement of `tenant` with at most `limit` rows (and never more than the
    /// configured number), for `POST /api/v1/sql`. Dropping the future stops the statement.
    pub async fn query_json(&self, tenant: &str, sql: &str, limit: Option<usize>) -> Result<SqlAnswer> {
        let started = Instant::now();
        let answer = self.answer(tenant, sql, limit, started).await;
        count("http", &answer);
        answer
    }

    async fn answer(
        &self,
        tenant: &str,
        sql: &str,
        limit: Option<usize>,
        started: Instant,
    ) -> Result<SqlAnswer> {
        let config = self.inner.config();
        let most = limit.unwrap_or(config.http_rows).min(config.http_rows);
        let mut watch = Watch::new(config.deadline(), CancellationToken::new());
        let turn = watch.on(self.inner.turn()).await??;
        let session = self.inner.session("api", tenant)?;
        let planned = watch.on(session.plan(sql, Arc::clone(&turn))).await??;
        if !planned.parameters.is_empty() {
            return Err(SqlError::Plan(
                "there are no values for the parameters $1 ..; write them out".to_owned(),
            ));
        }
        let mut running = watch.on(session.run(planned.plan, None, most, turn)).await??;
        let columns = running.schema.fields().iter().map(|field| json::column(field)).collect();
        let (mut rows, mut bytes, mut truncated) = (Vec::new(), 0, false);
        while let Some(batch) = watch.on(running.next()).await?? {
            bytes += crate::watch::size(&batch);
            if bytes > config.result_bytes {
                return Err(SqlError::TooManyBytes(config.result_bytes));
            }
            let space = most - rows.len();
            rows.extend(json::rows(&batch, space)?);
            if batch.num_rows() > space {
                truncated = true;
                break;
            }
        }
        let elapsed_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        Ok(SqlAnswer { columns, row_count: rows.len(), rows, truncated, elapsed_ms })
    }
}

impl Inner {
    /// Waits for a free place among the running statements.
    pub(crate) async fn turn(&self) -> Result<Turn> {
        let turn = self.running.clone().acquire_owned().await;
        turn.map(Arc::new).map_err(|_| SqlError::Internal("the door is closed".to_owned()))
    }

    pub(crate) fn config(&self) -> &SqlConfig {
        &self.shared.config
    }

    /// A fresh context for one tenant.
    pub(crate) fn session(&self, user: &str, tenant: &str) -> Result<Session> {
        Session::new(&self.shared, user, tenant)
    }
}

/// Counts a finished statement by door and outcome.
pub(crate) fn count<T>(door: &'static str, outcome: &Result<T>) {
    let state = outcome.as_ref().err().map_or("00000", SqlError::sqlstate);
    metrics::counter!("headroom_sql_statements_total", "door" => door, "sqlstate" => state).increment(1);
}

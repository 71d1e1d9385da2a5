//! Sending quarantined log records again, after what was wrong with them was mended.
//!
//! A quarantined log record is kept as a request of its own. [`Replay::run`] judges each by the rules
//! that are in force now; one that passes takes the ordinary way in, and its mark goes to
//! `rejected_replays`, so that the next run leaves it out. A crash between the two sends it once more:
//! business events are told apart by their id and count once, and the log knows a request that comes
//! again within `ingest.retry_window_s`.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use headroom_store::native::{Block, Numbers, Strings};
use headroom_store::{Clock, Store, StoreError, literal, schema};
use serde::{Deserialize, Serialize};

use crate::intake::{Intake, IntakeError};
use crate::signal::Signal;

/// Why records may be sent again: the others were stored, or have no record that could be sent.
pub const REPLAYED_REASONS: [&str; 2] = ["contract", "time"];

/// The most records of one run.
pub const MOST_REPLAYED: u64 = 10_000;

/// Marks are written after so many records.
const MARKED_TOGETHER: usize = 500;

/// Which records are sent again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplayOrder {
    /// Whose.
    pub tenant: String,
    /// One of [`REPLAYED_REASONS`].
    pub reason: String,
    /// Received at this time or later.
    pub from: DateTime<Utc>,
    /// Received before this time.
    pub to: DateTime<Utc>,
    /// At most so many, the oldest first.
    pub limit: u64,
    /// Only says what would happen.
    pub dry_run: bool,
}

/// What became of them. Equal records count as one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Replayed {
    /// Records that were found and had not been replayed before.
    pub found: u64,
    /// Those that were taken, or would be in a dry run.
    pub taken: u64,
    /// Those that still break the rules. They stay where they are.
    pub refused: u64,
    /// Those that were too large to be kept whole.
    pub incomplete: u64,
    /// What is wrong with the first that was refused.
    pub first_refusal: Option<String>,
}

/// A replay that ended early. What was taken until then is marked.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// The reason is not one of [`REPLAYED_REASONS`].
    #[error("reason {0:?} cannot be replayed: it must be one of {list}", list = REPLAYED_REASONS.join(", "))]
    Reason(String),
    /// The store does not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The ingester does not take anything right now.
    #[error(transparent)]
    Intake(#[from] IntakeError),
}

/// Sends quarantined log records again. It keeps nothing alive.
#[derive(Debug, Clone)]
pub struct Replay {
    store: Store,
    intake: Intake,
    clock: Arc<dyn Clock>,
}

#[derive(Debug, clickhouse::Row, Deserialize)]
struct Kept {
    id: String,
    payload: String,
}

impl Replay {
    pub(crate) fn new(store: Store, intake: Intake, clock: Arc<dyn Clock>) -> Self {
        Self { store, intake, clock }
    }

    /// Sends what `order` names again.
    ///
    /// # Errors
    /// [`ReplayError`]; running it again goes on where it ended.
    pub async fn run(&self, order: &ReplayOrder) -> Result<Replayed, ReplayError> {
        if !REPLAYED_REASONS.contains(&order.reason.as_str()) {
            return Err(ReplayError::Reason(order.reason.clone()));
        }
        let mut report = Replayed::default();
        for records in self.store.rows::<Kept>(&self.question(order)).await?.chunks(MARKED_TOGETHER) {
            let mut taken = Vec::new();
            let mut ended = Ok(());
            for record in records {
                report.found += 1;
                ended = self.one(order, record, &mut taken, &mut report).await;
                if ended.is_err() {
                    break;
                }
            }
            self.mark(&order.tenant, &taken).await?;
            ended?;
        }
        Ok(report)
    }

    fn question(&self, order: &ReplayOrder) -> String {
        let (tenant, reason) = (literal::string(&order.tenant), literal::string(&order.reason));
        format!(
            "SELECT lower(hex(sipHash128(payload))) AS id, payload FROM {} \
             WHERE tenant = {tenant} AND signal = 'logs' AND reason = {reason} AND payload != '' \
             AND ts >= fromUnixTimestamp64Milli({}) AND ts < fromUnixTimestamp64Milli({}) \
             AND id NOT IN (SELECT record FROM {} WHERE tenant = {tenant}) \
             GROUP BY payload ORDER BY min(ts), id LIMIT {}",
            self.store.table(schema::REJECTED),
            order.from.timestamp_millis(),
            order.to.timestamp_millis(),
            self.store.table(schema::REJECTED_REPLAYS),
            order.limit.min(MOST_REPLAYED)
        )
    }

    async fn one<'a>(
        &self,
        order: &ReplayOrder,
        record: &'a Kept,
        taken: &mut Vec<&'a str>,
        report: &mut Replayed,
    ) -> Result<(), IntakeError> {
        let Ok(request) = STANDARD.decode(&record.payload) else {
            report.incomplete += 1;
            return Ok(());
        };
        match self.intake.judge(&order.tenant, Signal::Logs, request.clone()) {
            Ok(judged) if judged.rejected == 0 => {}
            Ok(judged) => {
                report.refused += 1;
                report.first_refusal.get_or_insert(judged.message);
                return Ok(());
            }
            Err(IntakeError::Never(_)) => {
                report.incomplete += 1;
                return Ok(());
            }
            Err(error) => return Err(error),
        }
        if !order.dry_run {
            self.intake.take(&order.tenant, Signal::Logs, request, None).await?;
            taken.push(&record.id);
        }
        report.taken += 1;
        Ok(())
    }

    async fn mark(&self, tenant: &str, taken: &[&str]) -> Result<(), StoreError> {
        let (mut tenants, mut records, mut at) = (Strings::new(), Strings::new(), Numbers::milliseconds());
        for id in taken {
            tenants.push(tenant);
            records.push(id);
        }
        at.push_n(self.clock.now().timestamp_millis(), taken.len());
        let block = Block::new().with("tenant", tenants).with("record", records).with("replayed_at", at);
        let token = blake3::hash(taken.concat().as_bytes()).to_hex();
        self.store.insert_block(schema::REJECTED_REPLAYS, &block, &token).await
    }
}

//! One insert, until the store has it or refuses it for good.

use std::time::Duration;

use headroom_store::StoreError;
use headroom_store::native::Block;

use super::Shared;

/// How an insert ended.
pub(super) enum Ended {
    /// The store has the block.
    Stored,
    /// The store will never take it.
    Refused(StoreError),
}

/// Waits longer each time, up to this.
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// Inserts a block under its token. What may pass is tried for ever: the caller stops
/// waiting by dropping this.
pub(super) async fn insert(shared: &Shared, table: &str, block: &Block, token: &str) -> Ended {
    let mut wait = Duration::from_millis(100);
    loop {
        match shared.store.insert_block(table, block, token).await {
            Ok(()) => return Ended::Stored,
            Err(error) if error.is_transient() => {
                metrics::counter!("headroom_ingest_insert_retries_total", "table" => table.to_owned()).increment(1);
                tracing::warn!(%error, table, wait_ms = wait.as_millis(), "an insert will be tried again");
                shared.note(error.to_string());
                tokio::time::sleep(wait).await;
                wait = (wait * 2).min(LONGEST_WAIT);
            }
            Err(error) => return Ended::Refused(error),
        }
    }
}

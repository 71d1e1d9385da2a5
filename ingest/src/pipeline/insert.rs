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

/// ClickHouse's numbers of what is wrong with the store and not with the block: a person
/// mends it, and the block must wait for that.
const MENDABLE: [u32; 9] = [
    16,  // NO_SUCH_COLUMN_IN_TABLE: the schema is older than the program
    60,  // UNKNOWN_TABLE
    81,  // UNKNOWN_DATABASE
    164, // READONLY
    192, // UNKNOWN_USER
    193, // WRONG_PASSWORD
    194, // REQUIRED_PASSWORD
    497, // ACCESS_DENIED
    516, // AUTHENTICATION_FAILED
];

/// Whether the same insert may succeed later.
pub(super) fn may_pass(error: &StoreError) -> bool {
    error.is_transient() || error.code().is_some_and(|code| MENDABLE.contains(&code))
}

/// Waits longer each time, up to this.
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// Inserts a block under its token. What may pass is tried for ever: the caller stops
/// waiting by dropping this.
pub(super) async fn insert(
    shared: &Shared,
    table: &str,
    block: &Block<'_>,
    token: &str,
    room: &mut Vec<u8>,
) -> Ended {
    let mut wait = Duration::from_millis(100);
    loop {
        match shared.store.insert_block_in(table, block, token, room).await {
            Ok(()) => return Ended::Stored,
            Err(error) if may_pass(&error) => {
                metrics::counter!("headroom_ingest_insert_retries_total", "table" => table.to_owned())
                    .increment(1);
                tracing::warn!(%error, table, wait_ms = wait.as_millis(), "an insert will be tried again");
                shared.note(error.to_string());
                tokio::time::sleep(wait).await;
                wait = (wait * 2).min(LONGEST_WAIT);
            }
            Err(error) => return Ended::Refused(error),
        }
    }
}

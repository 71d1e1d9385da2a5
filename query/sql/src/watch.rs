//! The time a statement may take, and the ways it may be stopped.

use std::time::Duration;

use datafusion::arrow::array::{Array as _, ArrayRef, RecordBatch};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::error::{Result, SqlError};

/// The rest of a statement's time. Only work counts: while the client takes its time to
/// read rows, nothing is being watched.
pub(crate) struct Watch {
    left: Duration,
    seconds: u64,
    cancel: CancellationToken,
}

impl Watch {
    pub(crate) fn new(deadline: Duration, cancel: CancellationToken) -> Self {
        Self { left: deadline, seconds: deadline.as_secs(), cancel }
    }

    /// The work's outcome, unless the time is over or the statement is cancelled first.
    pub(crate) async fn on<T>(&mut self, work: impl Future<Output = T>) -> Result<T> {
        let start = Instant::now();
        let outcome = tokio::select! {
            biased;
            () = self.cancel.cancelled() => Err(SqlError::Cancelled),
            done = tokio::time::timeout(self.left, work) => done.map_err(|_| SqlError::Deadline(self.seconds)),
        };
        self.left = self.left.saturating_sub(start.elapsed());
        outcome
    }
}

/// Bytes of the values of a batch. Buffers that several columns or batches share, as those of
/// an IPC message do, count once for each only as far as they are used.
pub(crate) fn size(batch: &RecordBatch) -> usize {
    let used = |column: &ArrayRef| {
        column.to_data().get_slice_memory_size().unwrap_or_else(|_| column.get_array_memory_size())
    };
    batch.columns().iter().map(used).sum()
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[tokio::test]
    async fn only_work_counts() {
        let mut watch = Watch::new(2 * SECOND, CancellationToken::new());
        assert_eq!(watch.on(async {}).await, Ok(()));
        tokio::time::sleep(2 * SECOND).await;
        assert_eq!(watch.on(tokio::time::sleep(SECOND / 100)).await, Ok(()));
        assert_eq!(watch.on(pending::<()>()).await, Err(SqlError::Deadline(2)));
        assert_eq!(watch.on(pending::<()>()).await, Err(SqlError::Deadline(2)), "time does not come back");
    }

    #[tokio::test]
    async fn cancelling_wakes_a_waiting_statement() {
        let cancel = CancellationToken::new();
        let mut watch = Watch::new(3600 * SECOND, cancel.clone());
        tokio::spawn(async move {
            tokio::time::sleep(SECOND / 10).await;
            cancel.cancel();
        });
        assert_eq!(watch.on(pending::<()>()).await, Err(SqlError::Cancelled));
    }
}

//! The time a statement may take, and the ways it may be stopped.

use std::time::Duration;

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

#[cfg(test)]
mod tests {
    use std::future::pending;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn only_work_counts() {
        let mut watch = Watch::new(Duration::from_secs(3), CancellationToken::new());
        for _ in 0..2 {
            assert_eq!(watch.on(tokio::time::sleep(Duration::from_secs(1))).await, Ok(()));
            tokio::time::sleep(Duration::from_secs(100)).await;
        }
        assert_eq!(watch.on(pending::<()>()).await, Err(SqlError::Deadline(3)));
    }

    #[tokio::test(start_paused = true)]
    async fn cancelling_wakes_a_waiting_statement() {
        let cancel = CancellationToken::new();
        let mut watch = Watch::new(Duration::from_secs(3), cancel.clone());
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_secs(1)).await;
            cancel.cancel();
        });
        assert_eq!(watch.on(pending::<()>()).await, Err(SqlError::Cancelled));
    }
}

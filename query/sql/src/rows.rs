//! Running rows: the stream that owns a statement's deadline, limits and cancellation, from the first batch to the last
//! row, whichever the protocol.

mod unread;

use std::time::Duration;

use datafusion::arrow::array::RecordBatch;
use futures::stream::{self, Stream};

use crate::error::{Result, SqlError};
use crate::queue::Turn;
use crate::record::Asked;
use crate::session::Running;
use crate::watch::Watch;
use unread::Waiting;

/// A started statement that gives its rows out.
pub(crate) struct Rows {
    pub(crate) running: Running,
    pub(crate) asked: Asked,
    pub(crate) watch: Watch,
    pub(crate) most_rows: usize,
    pub(crate) most_bytes: usize,
    /// How long the client may leave rows unread.
    pub(crate) patience: Duration,
    /// The place among the running statements, given back at the end.
    pub(crate) _turn: Turn,
}

/// How far a statement has come.
struct Progress {
    rows: Rows,
    seen_rows: usize,
    seen_bytes: usize,
}

impl Rows {
    /// What `make` makes of each batch, piece by piece: the client is to come back for each in time. After an error
    /// there is nothing more.
    pub(crate) fn pieces<T: Send>(
        self,
        make: impl FnMut(RecordBatch) -> Vec<T> + Send,
    ) -> impl Stream<Item = Result<T>> + Send {
        let patience = self.patience;
        let unread = move |mut progress: Progress| {
            progress.rows.asked.over::<()>(&Err(SqlError::Unread(patience.as_secs())));
        };
        let first = Progress { rows: self, seen_rows: 0, seen_bytes: 0 };
        let waiting = Waiting::new(first, patience, unread);
        stream::unfold(Some((waiting, make, Vec::new().into_iter())), |state| async move {
            let (waiting, mut make, mut ready) = state?;
            match piece(&waiting, &mut make, &mut ready).await {
                Ok(piece) => piece.map(|piece| (Ok(piece), Some((waiting, make, ready)))),
                Err(error) => Some((Err(error), None)),
            }
        })
    }
}

/// The next piece, of those that are ready or of the next batch.
async fn piece<T>(
    waiting: &Waiting<Progress>,
    make: &mut impl FnMut(RecordBatch) -> Vec<T>,
    ready: &mut std::vec::IntoIter<T>,
) -> Result<Option<T>> {
    loop {
        let mut progress = waiting.resume()?;
        if let Some(piece) = ready.next() {
            waiting.pause(progress);
            return Ok(Some(piece));
        }
        match progress.next().await {
            Ok(Some(batch)) => *ready = make(batch).into_iter(),
            Ok(None) => {
                progress.rows.asked.over(&Ok(()));
                return Ok(None);
            }
            Err(error) => {
                let error = Err(error);
                progress.rows.asked.over(&error);
                return error;
            }
        }
        waiting.pause(progress);
    }
}

impl Progress {
    async fn next(&mut self) -> Result<Option<RecordBatch>> {
        let Rows { running, asked, watch, most_rows, most_bytes, .. } = &mut self.rows;
        let Some(batch) = watch.on(running.next()).await?? else { return Ok(None) };
        let bytes = crate::watch::size(&batch);
        asked.gave(batch.num_rows(), bytes);
        self.seen_rows += batch.num_rows();
        self.seen_bytes += bytes;
        if self.seen_rows > *most_rows {
            return Err(SqlError::TooManyRows(*most_rows));
        }
        if self.seen_bytes > *most_bytes {
            return Err(SqlError::TooManyBytes(*most_bytes));
        }
        Ok(Some(batch))
    }
}

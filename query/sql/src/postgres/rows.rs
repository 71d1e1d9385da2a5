//! Running rows on the wire: the stream that owns a statement's deadline, limits and
//! cancellation, from the first batch to the last row.

mod unread;

use std::sync::Arc;
use std::time::Duration;

use arrow_pg::encoder::Encoder;
use datafusion::arrow::array::RecordBatch;
use futures::stream::{self, Stream};
use pgwire::api::results::FieldInfo;
use pgwire::error::PgWireResult;

use super::{encode, errors};
use crate::door::Turn;
use crate::error::{Result, SqlError};
use crate::record::Asked;
use crate::session::Running;
use crate::watch::Watch;
use unread::Waiting;

/// A started statement that gives its rows out.
pub(super) struct Rows {
    pub(super) running: Running,
    pub(super) asked: Asked,
    pub(super) watch: Watch,
    pub(super) most_rows: usize,
    pub(super) most_bytes: usize,
    /// How long the client may leave rows unread.
    pub(super) patience: Duration,
    /// The place among the running statements, given back at the end.
    pub(super) _turn: Turn,
}

/// How far a statement has come.
struct Progress {
    rows: Rows,
    seen_rows: usize,
    seen_bytes: usize,
}

impl Rows {
    /// The rows as `encoder` puts them for the client. After an error there is nothing more.
    pub(super) fn encoded<E>(
        self,
        fields: Arc<Vec<FieldInfo>>,
        encoder: E,
    ) -> impl Stream<Item = PgWireResult<E::Item>> + Send
    where
        E: Encoder + Send,
        E::Item: Send,
    {
        let patience = self.patience;
        let unread = move |mut progress: Progress| {
            progress.rows.asked.over::<()>(&Err(SqlError::Unread(patience.as_secs())));
        };
        let first = Progress { rows: self, seen_rows: 0, seen_bytes: 0 };
        let waiting = Waiting::new(first, patience, unread);
        let start = Sending { waiting, ready: Vec::new().into_iter(), encoder, fields };
        stream::unfold(Some(start), async |state| {
            let mut sending = state?;
            match sending.row().await {
                Ok(row) => row.map(|row| (row, Some(sending))),
                Err(error) => Some((Err(errors::of_statement(&error)), None)),
            }
        })
    }
}

/// Rows on their way out.
struct Sending<E: Encoder> {
    waiting: Waiting<Progress>,
    /// Those of the last batch that are left.
    ready: std::vec::IntoIter<PgWireResult<E::Item>>,
    encoder: E,
    fields: Arc<Vec<FieldInfo>>,
}

impl<E: Encoder> Sending<E> {
    /// The next row, of those that are ready or of the next batch.
    async fn row(&mut self) -> Result<Option<PgWireResult<E::Item>>> {
        loop {
            let mut progress = self.waiting.resume()?;
            if let Some(row) = self.ready.next() {
                self.waiting.pause(progress);
                return Ok(Some(row));
            }
            match progress.next().await {
                Ok(Some(batch)) => {
                    self.ready = encode::rows(&mut self.encoder, &self.fields, &batch).into_iter();
                }
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
            self.waiting.pause(progress);
        }
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

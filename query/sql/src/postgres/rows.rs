//! Running rows on the wire: the stream that owns a statement's deadline, limits and
//! cancellation, from the first batch to the last row.

mod unread;

use std::sync::Arc;
use std::time::Duration;

use datafusion::arrow::array::RecordBatch;
use futures::stream::{self, Stream};
use pgwire::api::results::FieldInfo;
use pgwire::error::{PgWireError, PgWireResult};
use pgwire::messages::data::DataRow;

use super::{errors, numeric};
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
    /// The rows as the client asked for them. After an error there is nothing more.
    pub(super) fn encoded(
        self,
        fields: Arc<Vec<FieldInfo>>,
    ) -> impl Stream<Item = PgWireResult<DataRow>> + Send {
        let patience = self.patience;
        let unread = move |mut progress: Progress| {
            progress.rows.asked.over::<()>(&Err(SqlError::Unread(patience.as_secs())));
        };
        let first = Progress { rows: self, seen_rows: 0, seen_bytes: 0 };
        let waiting = Waiting::new(first, patience, unread);
        let start = (waiting, Vec::new().into_iter());
        stream::unfold(Some(start), move |state| {
            let fields = fields.clone();
            async move {
                let (waiting, mut ready) = state?;
                match row(&waiting, &mut ready, &fields).await {
                    Ok(row) => row.map(|row| (row, Some((waiting, ready)))),
                    Err(error) => Some((Err(errors::of_statement(&error)), None)),
                }
            }
        })
    }
}

type Ready = std::vec::IntoIter<PgWireResult<DataRow>>;

/// The next row, of those that are ready or of the next batch.
async fn row(
    waiting: &Waiting<Progress>,
    ready: &mut Ready,
    fields: &Arc<Vec<FieldInfo>>,
) -> Result<Option<PgWireResult<DataRow>>> {
    loop {
        let mut progress = waiting.resume()?;
        if let Some(row) = ready.next() {
            waiting.pause(progress);
            return Ok(Some(row));
        }
        match progress.next().await {
            Ok(Some(batch)) => *ready = encode(fields, batch).into_iter(),
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

fn encode(fields: &Arc<Vec<FieldInfo>>, batch: RecordBatch) -> Vec<PgWireResult<DataRow>> {
    let mut encoder = numeric::Encoder::new(batch, fields.clone());
    std::iter::from_fn(|| encoder.next_row()).collect::<Vec<Result<DataRow, PgWireError>>>()
}

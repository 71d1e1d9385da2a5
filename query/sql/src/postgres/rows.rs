//! Running rows on the wire: the stream that owns a statement's deadline, limits and
//! cancellation, from the first batch to the last row.

use std::sync::Arc;

use datafusion::arrow::array::RecordBatch;
use futures::stream::{self, Stream, StreamExt as _};
use pgwire::api::results::FieldInfo;
use pgwire::error::{PgWireError, PgWireResult};
use pgwire::messages::data::DataRow;
use tokio::sync::OwnedSemaphorePermit;

use super::{errors, numeric};
use crate::door::count;
use crate::error::{Result, SqlError};
use crate::session::Running;
use crate::watch::Watch;

/// A started statement that gives its rows out.
pub(super) struct Rows {
    pub(super) running: Running,
    pub(super) watch: Watch,
    pub(super) most_rows: usize,
    pub(super) most_bytes: usize,
    /// The place among the running statements, given back at the end.
    pub(super) _turn: OwnedSemaphorePermit,
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
        let progress = Progress { rows: self, seen_rows: 0, seen_bytes: 0 };
        let batches = stream::unfold(Some(progress), |progress| async move {
            let mut progress = progress?;
            match progress.next().await {
                Ok(Some(batch)) => Some((Ok(batch), Some(progress))),
                Ok(None) => {
                    count("postgres", &Ok(()));
                    None
                }
                Err(error) => {
                    let error = Err(error);
                    count("postgres", &error);
                    Some((error, None))
                }
            }
        });
        batches.flat_map(move |batch| match batch.map(|batch| encode(&fields, batch)) {
            Ok(rows) => stream::iter(rows).boxed(),
            Err(error) => stream::once(std::future::ready(Err(errors::of_statement(&error)))).boxed(),
        })
    }
}

impl Progress {
    async fn next(&mut self) -> Result<Option<RecordBatch>> {
        let Rows { running, watch, most_rows, most_bytes, .. } = &mut self.rows;
        let Some(batch) = watch.on(running.next()).await?? else { return Ok(None) };
        self.seen_rows += batch.num_rows();
        self.seen_bytes += crate::watch::size(&batch);
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

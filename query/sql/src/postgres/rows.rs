//! Running rows on the wire.

use std::sync::Arc;

use datafusion::arrow::array::RecordBatch;
use futures::StreamExt as _;
use futures::stream::Stream;
use pgwire::api::results::FieldInfo;
use pgwire::error::{PgWireError, PgWireResult};
use pgwire::messages::data::DataRow;

use super::{errors, numeric};
use crate::rows::Rows;

/// The rows as the client asked for them. After an error there is nothing more.
pub(super) fn encoded(
    rows: Rows,
    fields: Arc<Vec<FieldInfo>>,
) -> impl Stream<Item = PgWireResult<DataRow>> + Send {
    let rows = rows.pieces(move |batch| encode(&fields, batch));
    rows.map(|row| row.map_err(|error| errors::of_statement(&error)).flatten())
}

fn encode(fields: &Arc<Vec<FieldInfo>>, batch: RecordBatch) -> Vec<PgWireResult<DataRow>> {
    let mut encoder = numeric::Encoder::new(batch, fields.clone());
    std::iter::from_fn(|| encoder.next_row()).collect::<Vec<Result<DataRow, PgWireError>>>()
}

//! Rows in messages.

use arrow_flight::encode::{DictionaryHandling, FlightDataEncoderBuilder};
use arrow_flight::error::FlightError;
use arrow_flight::{FlightData, IpcMessage, SchemaAsIpc};
use bytes::Bytes;
use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::{Schema, SchemaRef};
use datafusion::arrow::ipc::writer::IpcWriteOptions;
use futures::stream::{BoxStream, Stream, StreamExt as _};
use tonic::Status;

/// What a message holds, about. A client that reads this much in the time it may leave rows unread keeps its statement.
const MESSAGE_BYTES: usize = 1 << 20;

/// Messages on their way to a client.
pub(super) type Messages = BoxStream<'static, Result<FlightData, Status>>;

/// The messages of an answer: the schema first, whether there are rows or not.
pub(super) fn messages(
    schema: SchemaRef,
    rows: impl Stream<Item = Result<RecordBatch, Status>> + Send + 'static,
) -> Messages {
    FlightDataEncoderBuilder::new()
        .with_schema(schema)
        .with_dictionary_handling(DictionaryHandling::Resend)
        .with_max_flight_data_size(MESSAGE_BYTES)
        .build(rows.map(|batch| batch.map_err(FlightError::from)))
        .map(|message| message.map_err(Status::from))
        .boxed()
}

/// A batch in slices that fit a message each.
pub(super) fn slices(batch: &RecordBatch) -> Vec<RecordBatch> {
    let messages = crate::watch::size(batch).div_ceil(MESSAGE_BYTES).max(1);
    let rows = batch.num_rows().div_ceil(messages).max(1);
    let slice = |from| batch.slice(from, rows.min(batch.num_rows() - from));
    (0..batch.num_rows()).step_by(rows).map(slice).collect()
}

/// A schema as clients read it.
pub(super) fn schema_bytes(schema: &Schema) -> Result<Bytes, Status> {
    let message = IpcMessage::try_from(SchemaAsIpc::new(schema, &IpcWriteOptions::default()));
    message.map(|IpcMessage(bytes)| bytes).map_err(|error| Status::internal(error.to_string()))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use datafusion::arrow::array::{ArrayRef, StringArray};

    use super::*;

    fn batch(rows: usize, bytes: usize) -> RecordBatch {
        let column: ArrayRef = Arc::new(StringArray::from(vec!["x".repeat(bytes); rows]));
        RecordBatch::try_from_iter([("x", column)]).expect("a batch")
    }

    #[test]
    fn a_message_holds_a_megabyte_or_one_row() {
        let rows = |batch: &RecordBatch| slices(batch).iter().map(RecordBatch::num_rows).collect::<Vec<_>>();
        assert_eq!(rows(&batch(0, 1)), [0; 0]);
        assert_eq!(rows(&batch(2_048, 1)), [2_048]);
        assert_eq!(rows(&batch(10, 500_000)), [2; 5]);
        assert_eq!(rows(&batch(3, 3 << 20)), [1; 3]);
    }
}

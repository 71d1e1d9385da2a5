//! Values of prepared statements: one row of Arrow, as the types of the plan.

use std::panic::AssertUnwindSafe;

use arrow_flight::FlightData;
use arrow_flight::decode::FlightRecordBatchStream;
use arrow_flight::error::FlightError;
use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::{DataType, Field, Schema};
use datafusion::scalar::ScalarValue;
use futures::FutureExt as _;
use futures::stream::{Stream, StreamExt as _};
use tonic::Status;

use super::status::{of_statement, unreadable};
use crate::error::SqlError;

/// What is read here, in errors.
const WHAT: &str = "the values of the parameters";

/// Most bytes of the values of one statement.
const MOST_BYTES: usize = 1 << 20;

/// What a client is told of the parameters.
pub(super) fn schema(parameters: &[Option<DataType>]) -> Schema {
    let field = |(index, kind): (usize, &Option<DataType>)| {
        Field::new(format!("${}", index + 1), kind.clone().unwrap_or(DataType::Utf8), true)
    };
    Schema::new(parameters.iter().enumerate().map(field).collect::<Vec<_>>())
}

/// The one row that a client sends.
pub(super) async fn row(
    messages: impl Stream<Item = Result<FlightData, Status>> + Send + 'static,
) -> Result<RecordBatch, Status> {
    // Arrow's reader panics where the offsets of a message point outside of it.
    let read = AssertUnwindSafe(read(messages)).catch_unwind().await;
    read.unwrap_or_else(|_| Err(unreadable(WHAT, &"they are no Arrow that fits together")))
}

async fn read(
    messages: impl Stream<Item = Result<FlightData, Status>> + Send + 'static,
) -> Result<RecordBatch, Status> {
    let mut bytes = 0;
    let bounded = messages.map(move |message| {
        let message = message?;
        bytes += message.data_header.len() + message.data_body.len();
        if bytes <= MOST_BYTES {
            return Ok(message);
        }
        let error = SqlError::TooLarge { what: WHAT.to_owned(), most: MOST_BYTES };
        Err(FlightError::from(of_statement(&error)))
    });
    let mut batches = FlightRecordBatchStream::new_from_flight_data(bounded);
    let mut row = None;
    while let Some(batch) = batches.next().await {
        let batch = batch.map_err(|error| match error {
            FlightError::Tonic(status) => *status,
            other => unreadable(WHAT, &other),
        })?;
        if batch.num_rows() > 1 || batch.num_rows() == 1 && row.is_some() {
            return Err(Status::invalid_argument(
                "the values are several rows, and a statement takes one: run it once for each",
            ));
        }
        if batch.num_rows() == 1 {
            row = Some(batch);
        }
    }
    row.ok_or_else(|| Status::invalid_argument("there is no row with the values of the parameters"))
}

/// The values of a row, as a statement needs them: each as it is, or refused.
pub(super) fn values(row: &RecordBatch, wanted: &[Option<DataType>]) -> Result<Vec<ScalarValue>, Status> {
    if row.num_columns() != wanted.len() {
        return Err(Status::invalid_argument(format!(
            "{} parameters are needed, {} were sent",
            wanted.len(),
            row.num_columns()
        )));
    }
    let values = row.columns().iter().zip(wanted).enumerate().map(|(index, (column, wanted))| {
        let value = ScalarValue::try_from_array(column, 0);
        let value = value.map_err(|error| unreadable(WHAT, &error))?;
        let Some(wanted) = wanted else { return Ok(value) };
        converted(&value, wanted).ok_or_else(|| {
            Status::invalid_argument(format!("parameter ${} is not a value of its type, {wanted}", index + 1))
        })
    });
    values.collect()
}

/// The same value as another type. A number or time that would come out as another one is none: only texts are read
/// for what they say.
fn converted(value: &ScalarValue, wanted: &DataType) -> Option<ScalarValue> {
    if value.is_null() {
        return ScalarValue::try_from(wanted).ok();
    }
    let made = value.cast_to(wanted).ok().filter(|made| !made.is_null())?;
    let kept =
        value.data_type().is_string() || made.cast_to(&value.data_type()).is_ok_and(|back| back == *value);
    kept.then_some(made)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use datafusion::arrow::array::{ArrayRef, Int64Array, StringArray};
    use datafusion::arrow::datatypes::TimeUnit;
    use futures::stream;
    use proptest::prelude::*;

    use super::super::answer;
    use super::*;

    /// The messages of a row, as a client sends them.
    async fn sent() -> Vec<FlightData> {
        let columns: [(&str, ArrayRef); 2] =
            [("a", Arc::new(Int64Array::from(vec![7]))), ("b", Arc::new(StringArray::from(vec![Some("x")])))];
        let batch = RecordBatch::try_from_iter(columns).expect("a batch");
        let messages = answer::messages(batch.schema(), stream::iter([Ok(batch)]));
        messages.map(|message| message.expect("a message")).collect().await
    }

    fn received(messages: Vec<FlightData>) -> Result<RecordBatch, Status> {
        futures::executor::block_on(row(stream::iter(messages.into_iter().map(Ok))))
    }

    #[tokio::test]
    async fn one_row_is_read() {
        let messages = sent().await;
        assert_eq!(received(messages.clone()).expect("a row").num_rows(), 1);
        let twice = [messages.clone(), messages[1..].to_vec()].concat();
        assert!(received(twice).unwrap_err().message().contains("a statement takes one"));
        assert!(received(messages[..1].to_vec()).unwrap_err().message().contains("there is no row"));
        let mut long = messages;
        long[1].data_body = vec![0; MOST_BYTES].into();
        assert_eq!(received(long).unwrap_err().code(), tonic::Code::ResourceExhausted);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]
        #[test]
        fn what_cannot_be_read_is_refused(at in 0..2_usize, body: bool, place: prop::sample::Index, byte: u8) {
            let mut messages = futures::executor::block_on(sent());
            let part = if body { &mut messages[at].data_body } else { &mut messages[at].data_header };
            let mut bytes = part.to_vec();
            if !bytes.is_empty() {
                let place = place.index(bytes.len());
                bytes[place] = byte;
            }
            *part = bytes.into();
            if let Ok(row) = received(messages) {
                prop_assert!(values(&row, &vec![None; row.num_columns()]).is_ok());
            }
        }
    }

    #[test]
    fn values_are_kept_or_refused() {
        let nanos = DataType::Timestamp(TimeUnit::Nanosecond, Some("UTC".into()));
        let micros = ScalarValue::TimestampMicrosecond(Some(1_000_001), Some("UTC".into()));
        let kept = [
            (ScalarValue::Int32(Some(7)), DataType::Int64, ScalarValue::Int64(Some(7))),
            (ScalarValue::Float64(Some(7.0)), DataType::Int64, ScalarValue::Int64(Some(7))),
            (ScalarValue::Utf8(Some("7".to_owned())), DataType::Int64, ScalarValue::Int64(Some(7))),
            (ScalarValue::Null, DataType::Int64, ScalarValue::Int64(None)),
            (
                micros,
                nanos.clone(),
                ScalarValue::TimestampNanosecond(Some(1_000_001_000), Some("UTC".into())),
            ),
        ];
        for (value, wanted, made) in kept {
            assert_eq!(converted(&value, &wanted), Some(made), "{value} as {wanted}");
        }
        let refused = [
            (ScalarValue::Float64(Some(1.5)), DataType::Int64),
            (ScalarValue::Int64(Some(1 << 40)), DataType::Int32),
            (ScalarValue::Int64(Some((1 << 53) + 1)), DataType::Float64),
            (ScalarValue::Utf8(Some("seven".to_owned())), DataType::Int64),
            (ScalarValue::TimestampSecond(Some(i64::MAX), None), nanos),
            (ScalarValue::TimestampMicrosecond(Some(1), None), DataType::Date32),
        ];
        for (value, wanted) in refused {
            assert_eq!(converted(&value, &wanted), None, "{value} as {wanted}");
        }
    }
}

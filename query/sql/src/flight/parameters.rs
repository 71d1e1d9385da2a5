//! Values of prepared statements: one row of Arrow, as the types of the plan.

use arrow_flight::FlightData;
use arrow_flight::decode::FlightRecordBatchStream;
use arrow_flight::error::FlightError;
use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::{DataType, Field, Schema};
use datafusion::scalar::ScalarValue;
use futures::stream::{Stream, StreamExt as _};
use tonic::Status;

use super::status::{of_statement, unreadable};
use crate::error::SqlError;

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
    let mut bytes = 0;
    let bounded = messages.map(move |message| {
        let message = message?;
        bytes += message.data_header.len() + message.data_body.len();
        if bytes <= MOST_BYTES {
            return Ok(message);
        }
        let error = SqlError::TooLarge { what: "the values of the parameters".to_owned(), most: MOST_BYTES };
        Err(FlightError::from(of_statement(&error)))
    });
    let mut batches = FlightRecordBatchStream::new_from_flight_data(bounded);
    let mut row = None;
    while let Some(batch) = batches.next().await {
        let batch = batch.map_err(|error| match error {
            FlightError::Tonic(status) => *status,
            other => unreadable("the values of the parameters", &other),
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
        let value = value.map_err(|error| unreadable("the values of the parameters", &error))?;
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
    use datafusion::arrow::datatypes::TimeUnit;

    use super::*;

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

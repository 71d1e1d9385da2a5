//! Answers as JSON. Nothing loses digits: integers beyond 2^53 and decimals with a scale are
//! strings, times are RFC 3339 with nanoseconds, and floats that JSON lacks are strings.

use datafusion::arrow::array::{Array, ArrayRef, AsArray as _, RecordBatch};
use datafusion::arrow::datatypes::{
    DataType, Decimal128Type, Field, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type,
    TimeUnit, TimestampNanosecondType, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use datafusion::arrow::util::display::{ArrayFormatter, FormatOptions};
use datafusion::error::DataFusionError;
use serde::Serialize;
use serde_json::{Number, Value};
use utoipa::ToSchema;

use crate::error::Result;

/// The largest integer that every JSON reader keeps exactly.
const EXACT: i64 = 1 << 53;

/// The answer to one statement.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct SqlAnswer {
    /// Names and types, in order.
    pub columns: Vec<SqlColumn>,
    /// One value for each column.
    #[schema(value_type = Vec<Vec<Object>>)]
    pub rows: Vec<Vec<Value>>,
    /// Number of rows given here.
    pub row_count: usize,
    /// Whether there are more rows than were given.
    pub truncated: bool,
    /// Time from the request to the last row, in milliseconds.
    pub elapsed_ms: u64,
}

/// A column of an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SqlColumn {
    /// Its name.
    pub name: String,
    /// Its type, by the name Postgres gives it.
    #[serde(rename = "type")]
    pub kind: String,
}

pub(crate) fn column(field: &Field) -> SqlColumn {
    let kind = arrow_pg::datatypes::into_pg_type(field.data_type())
        .map_or_else(|_| field.data_type().to_string(), |kind| kind.name().to_owned());
    SqlColumn { name: field.name().clone(), kind }
}

/// The rows of the batch.
pub(crate) fn rows(batch: &RecordBatch) -> Result<Vec<Vec<Value>>> {
    let mut rows = vec![Vec::with_capacity(batch.num_columns()); batch.num_rows()];
    for column in batch.columns() {
        for (index, row) in rows.iter_mut().enumerate() {
            row.push(value(column, index)?);
        }
    }
    Ok(rows)
}

fn value(array: &ArrayRef, row: usize) -> Result<Value> {
    if array.is_null(row) {
        return Ok(Value::Null);
    }
    Ok(match array.data_type() {
        DataType::Null => Value::Null,
        DataType::Boolean => Value::Bool(array.as_boolean().value(row)),
        DataType::Int8 => array.as_primitive::<Int8Type>().value(row).into(),
        DataType::Int16 => array.as_primitive::<Int16Type>().value(row).into(),
        DataType::Int32 => array.as_primitive::<Int32Type>().value(row).into(),
        DataType::Int64 => int(array.as_primitive::<Int64Type>().value(row)),
        DataType::UInt8 => array.as_primitive::<UInt8Type>().value(row).into(),
        DataType::UInt16 => array.as_primitive::<UInt16Type>().value(row).into(),
        DataType::UInt32 => array.as_primitive::<UInt32Type>().value(row).into(),
        DataType::UInt64 => {
            let value = array.as_primitive::<UInt64Type>().value(row);
            i64::try_from(value).map_or_else(|_| Value::String(value.to_string()), int)
        }
        DataType::Float32 => float(f64::from(array.as_primitive::<Float32Type>().value(row))),
        DataType::Float64 => float(array.as_primitive::<Float64Type>().value(row)),
        // Sums of integers are numeric without a fraction.
        DataType::Decimal128(_, 0) => {
            let value = array.as_primitive::<Decimal128Type>().value(row);
            i64::try_from(value).map_or_else(|_| Value::String(value.to_string()), int)
        }
        DataType::Utf8 => array.as_string::<i32>().value(row).into(),
        DataType::LargeUtf8 => array.as_string::<i64>().value(row).into(),
        DataType::Utf8View => array.as_string_view().value(row).into(),
        DataType::Timestamp(TimeUnit::Nanosecond, Some(_)) => {
            let nanos = array.as_primitive::<TimestampNanosecondType>().value(row);
            let at = chrono::DateTime::from_timestamp_nanos(nanos);
            at.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true).into()
        }
        DataType::List(_) => list(&array.as_list::<i32>().value(row))?,
        DataType::LargeList(_) => list(&array.as_list::<i64>().value(row))?,
        DataType::FixedSizeList(..) => list(&array.as_fixed_size_list().value(row))?,
        _ => {
            let shown = ArrayFormatter::try_new(array, &FormatOptions::default())
                .and_then(|formatter| formatter.value(row).try_to_string());
            Value::String(shown.map_err(DataFusionError::from)?)
        }
    })
}

fn list(items: &ArrayRef) -> Result<Value> {
    (0..items.len()).map(|index| value(items, index)).collect::<Result<_>>().map(Value::Array)
}

fn int(value: i64) -> Value {
    if value.unsigned_abs() <= EXACT.unsigned_abs() { value.into() } else { Value::String(value.to_string()) }
}

fn float(value: f64) -> Value {
    Number::from_f64(value).map_or_else(|| Value::String(value.to_string()), Value::Number)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use datafusion::arrow::array::{
        Decimal128Array, Float64Array, Int64Array, StringArray, TimestampNanosecondArray,
    };
    use serde_json::json;

    use super::*;

    fn values(array: impl Array + 'static) -> Vec<Value> {
        let array: ArrayRef = Arc::new(array);
        (0..array.len()).map(|row| value(&array, row).expect("value")).collect()
    }

    #[test]
    fn no_digit_is_lost() {
        let edge = EXACT;
        let ints = values(Int64Array::from(vec![
            Some(-1),
            Some(edge),
            Some(edge + 1),
            Some(-edge - 1),
            Some(i64::MIN),
            None,
        ]));
        assert_eq!(
            ints,
            vec![
                json!(-1),
                json!(edge),
                json!("9007199254740993"),
                json!("-9007199254740993"),
                json!("-9223372036854775808"),
                json!(null)
            ]
        );
        let decimals = Decimal128Array::from(vec![Some(-12_500_000_000_000), None])
            .with_precision_and_scale(38, 12)
            .expect("fits");
        assert_eq!(values(decimals), vec![json!("-12.500000000000"), json!(null)]);
        assert_eq!(
            values(Float64Array::from(vec![1.5, f64::NAN, f64::INFINITY])),
            vec![json!(1.5), json!("NaN"), json!("inf")]
        );
        let times = TimestampNanosecondArray::from(vec![1_780_000_000_000_000_001, 0]).with_timezone("UTC");
        assert_eq!(
            values(times),
            vec![json!("2026-05-28T20:26:40.000000001Z"), json!("1970-01-01T00:00:00Z")]
        );
        assert_eq!(values(StringArray::from(vec!["é'\""])), vec![json!("é'\"")]);
    }
}

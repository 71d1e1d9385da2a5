//! Rows in the bytes of the wire. All types are encoded by `arrow-pg` but two: decimals, where the library stops at
//! 28 digits, and JSON, which is text to it.

use std::sync::Arc;

use arrow_pg::encoder::{Encoder, encode_value};
use datafusion::arrow::array::{Array as _, AsArray as _, RecordBatch};
use datafusion::arrow::datatypes::{DataType, Decimal128Type};
use futures::{Stream, StreamExt as _};
use pgwire::api::Type;
use pgwire::api::results::FieldInfo;
use pgwire::error::PgWireResult;

use super::errors::of_statement;
use super::json::Json;
use super::numeric::Numeric;
use crate::rows::Rows;

/// The rows of an answer, as `encoder` puts them.
pub(super) fn rows<E>(
    rows: Rows,
    fields: Arc<Vec<FieldInfo>>,
    mut encoder: E,
) -> impl Stream<Item = PgWireResult<E::Item>> + Send
where
    E: Encoder + Send,
    E::Item: Send,
{
    let of_batch = move |batch: RecordBatch| -> Vec<_> {
        (0..batch.num_rows()).map(|row| one(&mut encoder, &fields, &batch, row)).collect()
    };
    rows.pieces(of_batch).map(|row| row.map_err(|error| of_statement(&error)).and_then(|row| row))
}

fn one<E: Encoder>(
    encoder: &mut E,
    fields: &Arc<Vec<FieldInfo>>,
    batch: &RecordBatch,
    row: usize,
) -> PgWireResult<E::Item> {
    let schema = batch.schema();
    for ((column, field), shown) in batch.columns().iter().zip(schema.fields()).zip(fields.iter()) {
        if let DataType::Decimal128(_, scale) = field.data_type() {
            let array = column.as_primitive::<Decimal128Type>();
            let value = (!array.is_null(row)).then(|| Numeric { value: array.value(row), scale: *scale });
            encoder.encode_field(&value, shown)?;
        } else if *shown.datatype() == Type::JSONB {
            let texts = column.as_string::<i32>();
            encoder.encode_field(&(!texts.is_null(row)).then(|| Json(texts.value(row))), shown)?;
        } else {
            encode_value(encoder, column, row, field, shown)?;
        }
    }
    Ok(encoder.take_row())
}

//! Parameters of prepared statements: what the client sent, as values of the plan.

use bytes::Bytes;
use datafusion::arrow::datatypes::{DataType, TimeUnit};
use datafusion::common::ParamValues;
use datafusion::scalar::ScalarValue;
use pgwire::api::Type;
use pgwire::api::portal::Portal;
use pgwire::error::PgWireResult;

use super::{errors, numeric};

/// 2000-01-01, from which Postgres counts: microseconds and days since 1970.
const EPOCH_MICROS: i64 = 946_684_800_000_000;
const EPOCH_DAYS: i32 = 10_957;

/// The values of a bound statement.
pub(super) fn values<S: Clone>(portal: &Portal<S>, types: &[Option<DataType>]) -> PgWireResult<ParamValues> {
    if portal.parameters.len() < types.len() {
        let message = format!("{} parameters are needed, {} were sent", types.len(), portal.parameters.len());
        return Err(errors::plain("08P01", message));
    }
    let values = types.iter().enumerate().map(|(index, kind)| {
        let wire = portal.statement.parameter_types.get(index).cloned().flatten();
        let wanted = kind.clone().or_else(|| wire.as_ref().and_then(arrow_type)).unwrap_or(DataType::Utf8);
        let Some(bytes) = &portal.parameters[index] else {
            return ScalarValue::try_from(&wanted).map_err(|error| errors::of_statement(&error.into()));
        };
        let value = if portal.parameter_format.is_binary(index) {
            let wire = wire.filter(|wire| *wire != Type::UNKNOWN);
            let wire = wire.or_else(|| arrow_pg::datatypes::into_pg_type(&wanted).ok()).unwrap_or(Type::TEXT);
            binary(&wire, bytes)
        } else {
            std::str::from_utf8(bytes).ok().map(|text| ScalarValue::Utf8(Some(text.to_owned())))
        };
        let unreadable =
            || errors::plain("22P02", format!("parameter ${} is not a value of its type", index + 1));
        value.ok_or_else(unreadable)?.cast_to(&wanted).map_err(|_| unreadable())
    });
    Ok(ParamValues::from(values.collect::<PgWireResult<Vec<_>>>()?))
}

/// The Arrow type of a Postgres type that clients send.
fn arrow_type(wire: &Type) -> Option<DataType> {
    Some(match *wire {
        Type::BOOL => DataType::Boolean,
        Type::INT2 => DataType::Int16,
        Type::INT4 => DataType::Int32,
        Type::INT8 => DataType::Int64,
        Type::FLOAT4 => DataType::Float32,
        Type::FLOAT8 => DataType::Float64,
        Type::NUMERIC => DataType::Decimal128(38, 12),
        Type::DATE => DataType::Date32,
        Type::TIMESTAMP => DataType::Timestamp(TimeUnit::Nanosecond, None),
        Type::TIMESTAMPTZ => DataType::Timestamp(TimeUnit::Nanosecond, Some("UTC".into())),
        Type::TEXT | Type::VARCHAR | Type::NAME | Type::BPCHAR => DataType::Utf8,
        _ => return None,
    })
}

fn binary(wire: &Type, bytes: &Bytes) -> Option<ScalarValue> {
    let bytes: &[u8] = bytes;
    Some(match *wire {
        Type::BOOL => ScalarValue::Boolean(Some(*bytes.first()? != 0)),
        Type::INT2 => ScalarValue::Int16(Some(i16::from_be_bytes(bytes.try_into().ok()?))),
        Type::INT4 => ScalarValue::Int32(Some(i32::from_be_bytes(bytes.try_into().ok()?))),
        Type::INT8 => ScalarValue::Int64(Some(i64::from_be_bytes(bytes.try_into().ok()?))),
        Type::FLOAT4 => ScalarValue::Float32(Some(f32::from_be_bytes(bytes.try_into().ok()?))),
        Type::FLOAT8 => ScalarValue::Float64(Some(f64::from_be_bytes(bytes.try_into().ok()?))),
        Type::NUMERIC => ScalarValue::Utf8(Some(numeric::read_binary(bytes)?)),
        Type::DATE => {
            let days = i32::from_be_bytes(bytes.try_into().ok()?);
            ScalarValue::Date32(Some(days.checked_add(EPOCH_DAYS)?))
        }
        Type::TIMESTAMP | Type::TIMESTAMPTZ => {
            let micros = i64::from_be_bytes(bytes.try_into().ok()?);
            let nanos = micros.checked_add(EPOCH_MICROS)?.checked_mul(1_000)?;
            let zone = (*wire == Type::TIMESTAMPTZ).then(|| "UTC".into());
            ScalarValue::TimestampNanosecond(Some(nanos), zone)
        }
        Type::TEXT | Type::VARCHAR | Type::NAME | Type::BPCHAR | Type::UNKNOWN => {
            ScalarValue::Utf8(Some(std::str::from_utf8(bytes).ok()?.to_owned()))
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn binary_values_are_read() {
        let read = |wire, bytes: &[u8]| binary(&wire, &Bytes::copy_from_slice(bytes));
        assert_eq!(read(Type::INT4, &[0, 0, 1, 0]), Some(ScalarValue::Int32(Some(256))));
        assert_eq!(read(Type::INT4, &[0, 1]), None);
        assert_eq!(read(Type::BOOL, &[1]), Some(ScalarValue::Boolean(Some(true))));
        assert_eq!(read(Type::DATE, &[0, 0, 0, 0]), Some(ScalarValue::Date32(Some(10_957))));
        let epoch = ScalarValue::TimestampNanosecond(Some(946_684_800_000_000_000), Some("UTC".into()));
        assert_eq!(read(Type::TIMESTAMPTZ, &[0; 8]), Some(epoch));
        assert_eq!(read(Type::TIMESTAMPTZ, &[0x7f; 8]), None, "overflow is no value");
        assert_eq!(read(Type::TEXT, "é".as_bytes()), Some(ScalarValue::Utf8(Some("é".to_owned()))));
        assert_eq!(read(Type::TEXT, &[0xff]), None);
    }
}

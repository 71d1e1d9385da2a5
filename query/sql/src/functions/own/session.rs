//! `session_phase(ts, 'XNYS')`: how much of a venue's session has passed.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::DateTime;
use datafusion::arrow::array::{Array as _, ArrayRef, AsArray as _, Float64Array};
use datafusion::arrow::datatypes::{DataType, TimeUnit, TimestampNanosecondType};
use datafusion::error::DataFusionError;
use datafusion::logical_expr::{ColumnarValue, ScalarUDF, Volatility, create_udf};
use headroom_calendar::Venue;

use crate::error::SqlError;

/// 0 before the open, 1 from the close on, and between them in proportion; NULL on a day of the venue without a session.
/// Venues are those that ship with the program, by their market identifier code.
pub(super) fn session_phase() -> ScalarUDF {
    let types = vec![DataType::Timestamp(TimeUnit::Nanosecond, Some("UTC".into())), DataType::Utf8];
    create_udf("session_phase", types, DataType::Float64, Volatility::Immutable, Arc::new(phases))
}

fn phases(args: &[ColumnarValue]) -> datafusion::error::Result<ColumnarValue> {
    let columns = ColumnarValue::values_to_arrays(args)?;
    let times = columns[0].as_primitive::<TimestampNanosecondType>();
    let codes = columns[1].as_string::<i32>();
    let mut venues: HashMap<&str, Venue> = HashMap::new();
    let mut phases = Vec::with_capacity(times.len());
    for row in 0..times.len() {
        if times.is_null(row) || codes.is_null(row) {
            phases.push(None);
            continue;
        }
        let code = codes.value(row);
        if !venues.contains_key(code) {
            venues.insert(code, Venue::builtin(code).map_err(|error| unknown(&error.to_string()))?);
        }
        phases.push(venues[code].phase(DateTime::from_timestamp_nanos(times.value(row))));
    }
    Ok(ColumnarValue::Array(Arc::new(Float64Array::from(phases)) as ArrayRef))
}

fn unknown(why: &str) -> DataFusionError {
    DataFusionError::External(Box::new(SqlError::Value(format!("session_phase(): {why}"))))
}

//! `burn_rate(good, total, target)` and `error_budget(good, total, target)`.

use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, Float64Array};
use datafusion::arrow::datatypes::DataType;
use datafusion::logical_expr::{ColumnarValue, ScalarUDF, Volatility, create_udf};

use super::gather::floats;

/// How many times faster than allowed a budget burns: the share of bad events over the share that may be. NULL where
/// there were no events, or the target is not between 0 and 1.
pub(super) fn burn_rate() -> ScalarUDF {
    of_counts("burn_rate", |burn| burn)
}

/// The share of a budget that is left, below 0 when it is overspent. NULL as with [`burn_rate`].
pub(super) fn error_budget() -> ScalarUDF {
    of_counts("error_budget", |burn| 1.0 - burn)
}

fn of_counts(name: &str, told: fn(f64) -> f64) -> ScalarUDF {
    let value = move |args: &[ColumnarValue]| {
        let columns = ColumnarValue::values_to_arrays(args)?;
        let rows = floats(&columns[0]).zip(floats(&columns[1])).zip(floats(&columns[2]));
        let burns = rows.map(|((good, total), target)| Some(told(burn(good?, total?, target?)?)));
        Ok(ColumnarValue::Array(Arc::new(burns.collect::<Float64Array>()) as ArrayRef))
    };
    let numbers = vec![DataType::Float64; 3];
    create_udf(name, numbers, DataType::Float64, Volatility::Immutable, Arc::new(value))
}

fn burn(good: f64, total: f64, target: f64) -> Option<f64> {
    let known = total > 0.0 && (0.0..=total).contains(&good) && target > 0.0 && target < 1.0;
    known.then(|| (1.0 - good / total) / (1.0 - target))
}

#[cfg(test)]
mod tests {
    use super::burn;

    #[test]
    fn a_budget_burns_by_what_is_bad_of_what_may_be() {
        assert!((burn(9_990.0, 10_000.0, 0.999).unwrap_or_default() - 1.0).abs() < 1e-9);
        assert!((burn(9_856.0, 10_000.0, 0.999).unwrap_or_default() - 14.4).abs() < 1e-9);
        assert_eq!((burn(0.0, 0.0, 0.999), burn(2.0, 1.0, 0.999), burn(1.0, 1.0, 1.0)), (None, None, None));
    }
}

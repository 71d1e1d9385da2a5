//! The parameters a question has.

use std::collections::HashMap;

use datafusion::arrow::datatypes::DataType;
use datafusion::logical_expr::LogicalPlan;

use crate::error::{Result, SqlError};
use crate::functions::ANY_INTEGER;

/// The plan's parameters in order, `None` where the plan leaves the type open.
pub(crate) fn types(plan: &LogicalPlan) -> Result<Vec<Option<DataType>>> {
    let found: HashMap<String, Option<DataType>> = plan.get_parameter_types()?;
    let mut ordered = vec![None; found.len()];
    for (name, kind) in found {
        let place = name.strip_prefix('$').and_then(|digits| digits.parse::<usize>().ok());
        let slot = place.and_then(|place| ordered.get_mut(place.checked_sub(1)?));
        let Some(slot) = slot else {
            return Err(SqlError::Plan(format!("parameters must be $1, $2 .. without gaps, not {name}")));
        };
        // Compared with what has no sign, a parameter may still be less than nothing.
        *slot = kind.map(|kind| if kind == DataType::UInt64 { ANY_INTEGER } else { kind });
    }
    Ok(ordered)
}

//! The parameters a question has.

use std::collections::HashMap;

use datafusion::arrow::datatypes::DataType;
use datafusion::logical_expr::LogicalPlan;

use crate::error::{Result, SqlError};
use crate::functions::ANY_INTEGER;

/// Most parameters of a statement: the wire counts them in 16 bits.
const MOST: usize = u16::MAX as usize;

/// The plan's parameters in order, `None` where the plan leaves the type open. In a statement that was `rewritten`
/// some may be gone.
pub(crate) fn types(plan: &LogicalPlan, rewritten: bool) -> Result<Vec<Option<DataType>>> {
    let found: HashMap<String, Option<DataType>> = plan.get_parameter_types()?;
    let place = |name: &str| name.strip_prefix('$').and_then(|digits| digits.parse::<usize>().ok());
    let last = if rewritten { found.keys().filter_map(|name| place(name)).max() } else { Some(found.len()) };
    let mut ordered = vec![None; last.unwrap_or(0).min(MOST)];
    for (name, kind) in found {
        let place = place(&name);
        let slot = place.and_then(|place| ordered.get_mut(place.checked_sub(1)?));
        let Some(slot) = slot else {
            return Err(SqlError::Plan(format!("parameters must be $1, $2 .. without gaps, not {name}")));
        };
        // Compared with what has no sign, a parameter may still be less than nothing.
        *slot = kind.map(|kind| if kind == DataType::UInt64 { ANY_INTEGER } else { kind });
    }
    Ok(ordered)
}

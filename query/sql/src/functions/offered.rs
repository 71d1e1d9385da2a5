//! Which functions are offered. The answer is no unless a function is listed here: what a function allocates is
//! seen by no memory pool, and nothing can stop it half way, so that each must be known to give little for
//! little. A new release of DataFusion adds none by itself.

use datafusion::arrow::datatypes::DataType;
use datafusion::common::Result as PlanResult;
use datafusion::common::tree_node::{TreeNode as _, TreeNodeRecursion};
use datafusion::logical_expr::expr::{AggregateFunction, ScalarFunction, WindowFunction};
use datafusion::logical_expr::{Expr, LogicalPlan, Operator, WindowFunctionDefinition};

use crate::error::{Result, SqlError};

/// Of one value, or of a few.
pub(super) const SCALAR: &str = "\
    abs acos acosh array_distinct array_element array_has array_length array_max array_min \
    array_position array_sort arrow_cast arrow_try_cast arrow_typeof ascii asin asinh atan atan2 atanh \
    attr bit_length btrim burn_rate cardinality cbrt ceil char_length character_length chr coalesce concat \
    concat_ws contains cos cosh cot current_database current_date current_schema current_time \
    current_timestamp current_user date_bin date_format date_part date_trunc datepart datetrunc degrees \
    empty ends_with error_budget exp find_in_set floor from_unixtime greatest initcap instr isnan iszero \
    least left length ln log log10 log2 lower ltrim make_array make_date nanvl now nullif nvl2 \
    octet_length overlay pi position pow power radians rand random regexp_count regexp_instr \
    regexp_like regexp_match regexp_replace replace reverse right round rtrim session_phase session_user signum sin \
    sinh split_part sqrt starts_with string_to_array strpos substr substr_index substring \
    substring_index tan tanh to_char to_date to_hex to_local_time to_timestamp to_timestamp_micros \
    to_timestamp_millis to_timestamp_nanos to_timestamp_seconds to_unixtime today translate trim trunc \
    upper uuid version";

/// Of many rows.
pub(super) const AGGREGATE: &str = "\
    any_value approx_distinct approx_median approx_percentile_cont array_agg avg bit_and bit_or bit_xor \
    bool_and bool_or corr count covar covar_pop covar_samp first_value grouping last_value latency_quantile max mean \
    median min nth_value percentile_cont quantile_cont regr_avgx regr_avgy regr_count regr_intercept \
    regr_r2 regr_slope regr_sxx regr_sxy regr_syy stddev stddev_pop stddev_samp string_agg sum twr var \
    var_pop var_population var_samp var_sample xirr";

/// Of the rows around a row, beside the aggregates.
pub(super) const WINDOW: &str = "\
    cume_dist dense_rank first_value lag last_value lead nth_value ntile percent_rank rank row_number";

/// In FROM.
const TABLE: &str = "generate_series range";

/// Whose rows come of one value, in FROM or not.
const ROWS: &str = "unnest";

/// Aggregates whose value grows with every row: over a window they would give all rows again for each row.
const GROWING: &str = "array_agg string_agg";

/// Whether an aggregate's value grows with every row.
pub(crate) fn is_growing(name: &str) -> bool {
    lists(GROWING, name)
}

/// Refuses a name that is not offered where a value is wanted.
pub(crate) fn check_call(name: &str) -> Result<()> {
    let offered = [SCALAR, AGGREGATE, WINDOW, ROWS].iter().any(|names| lists(names, name));
    if offered { Ok(()) } else { Err(refusal(name)) }
}

/// Refuses a name that is not offered in FROM.
pub(crate) fn check_table(name: &str) -> Result<()> {
    if lists(TABLE, name) || lists(ROWS, name) { Ok(()) } else { Err(refusal(name)) }
}

/// The refusal of a function by its name.
fn refusal(name: &str) -> SqlError {
    let all = [SCALAR, AGGREGATE, WINDOW, TABLE, ROWS].map(str::split_whitespace);
    let mut available: Vec<String> = all.into_iter().flatten().map(str::to_owned).collect();
    available.sort_unstable();
    available.dedup();
    SqlError::UnknownFunction { name: name.to_owned(), available }
}

/// Refuses a plan that calls what is not offered. Syntax such as `OVERLAY(..)` or `[1, 2]` calls functions that
/// no text names, so the plan is looked at too. `also` names functions that are offered here beside the others.
pub(crate) fn check(plan: &LogicalPlan, also: &str) -> Result<()> {
    let mut refused = None;
    plan.apply_with_subqueries(|node| {
        node.apply_expressions(|whole| {
            whole.apply(|part| match look(part, also)? {
                Ok(()) => Ok(TreeNodeRecursion::Continue),
                Err(error) => {
                    refused = Some(error);
                    Ok(TreeNodeRecursion::Stop)
                }
            })
        })
    })?;
    refused.map_or(Ok(()), Err)
}

fn look(part: &Expr, also: &str) -> PlanResult<Result<()>> {
    Ok(match part {
        Expr::ScalarFunction(call) if lists(also, call.func.name()) => beside(call),
        Expr::ScalarFunction(call) => scalar(call),
        Expr::AggregateFunction(call) => aggregate(call),
        Expr::WindowFunction(call) => window(call),
        Expr::HigherOrderFunction(call) => Err(refusal(call.func.name())),
        Expr::Cast(cast) => data_type(cast.field.data_type()),
        Expr::TryCast(cast) => data_type(cast.field.data_type()),
        Expr::SimilarTo(like) => constant("SIMILAR TO", &like.pattern),
        Expr::BinaryExpr(binary) if is_pattern(binary.op) => constant(&binary.op.to_string(), &binary.right),
        _ => Ok(()),
    })
}

/// Most bytes of what is put between the items of a list: it comes once for each.
const LONGEST_SEPARATOR: usize = 64;

/// A function that is offered here beside the others.
fn beside(call: &ScalarFunction) -> Result<()> {
    let short = match call.args.get(1) {
        Some(separator) if call.func.name() == "array_to_string" => is_short(separator),
        _ => true,
    };
    if short {
        return Ok(());
    }
    Err(SqlError::Unsupported(format!(
        "the separator of array_to_string must be a constant of at most {LONGEST_SEPARATOR} bytes"
    )))
}

fn is_short(separator: &Expr) -> bool {
    match separator {
        Expr::Cast(cast) => is_short(&cast.expr),
        Expr::Literal(value, _) => {
            value.try_as_str().is_some_and(|text| text.is_none_or(|text| text.len() <= LONGEST_SEPARATOR))
        }
        _ => false,
    }
}

/// Whether a name is among the names.
pub(super) fn lists(names: &str, name: &str) -> bool {
    names.split_whitespace().any(|one| one == name)
}

fn listed(names: &str, name: &str) -> Result<()> {
    if lists(names, name) { Ok(()) } else { Err(refusal(name)) }
}

fn scalar(call: &ScalarFunction) -> Result<()> {
    let name = call.func.name();
    listed(SCALAR, name)?;
    match (name, call.args.as_slice()) {
        (name, [_, pattern, ..]) if name.starts_with("regexp_") => constant(name, pattern),
        ("arrow_cast" | "arrow_try_cast", [_, Expr::Literal(wanted, _)])
            if wanted.to_string().contains("FixedSize") =>
        {
            Err(fixed_size())
        }
        _ => Ok(()),
    }
}

fn aggregate(call: &AggregateFunction) -> Result<()> {
    let name = call.func.name();
    listed(AGGREGATE, name)?;
    // The third argument is room that is taken at once.
    if name == "approx_percentile_cont" && call.params.args.len() > 2 {
        return Err(SqlError::Unsupported(
            "approx_percentile_cont takes a column and a percentile".to_owned(),
        ));
    }
    Ok(())
}

fn window(call: &WindowFunction) -> Result<()> {
    match &call.fun {
        WindowFunctionDefinition::WindowUDF(function) => listed(WINDOW, function.name()),
        WindowFunctionDefinition::AggregateUDF(function) => {
            let name = function.name();
            listed(AGGREGATE, name)?;
            if is_growing(name) {
                return Err(SqlError::Unsupported(format!(
                    "{name} is not offered over a window: it would repeat all rows for each row; use GROUP BY"
                )));
            }
            Ok(())
        }
    }
}

fn is_pattern(op: Operator) -> bool {
    matches!(
        op,
        Operator::RegexMatch | Operator::RegexIMatch | Operator::RegexNotMatch | Operator::RegexNotIMatch
    )
}

/// A regular expression is compiled once if it is a constant; of a column, it would be once for every row.
fn constant(what: &str, pattern: &Expr) -> Result<()> {
    let mut fixed = true;
    pattern.apply(|part| {
        fixed &= !matches!(part, Expr::Column(_) | Expr::OuterReferenceColumn(..) | Expr::ScalarSubquery(_));
        Ok(TreeNodeRecursion::Continue)
    })?;
    if fixed {
        return Ok(());
    }
    Err(SqlError::Unsupported(format!("the pattern of {what} must be a constant")))
}

/// Types with a size in them take that much for every value, also for NULL.
fn data_type(wanted: &DataType) -> Result<()> {
    match wanted {
        DataType::FixedSizeBinary(_) | DataType::FixedSizeList(..) => Err(fixed_size()),
        DataType::List(item) | DataType::LargeList(item) => data_type(item.data_type()),
        _ => Ok(()),
    }
}

fn fixed_size() -> SqlError {
    SqlError::Unsupported("types of a fixed size are not offered: leave the size out".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documentation_lists_every_function() {
        let text = include_str!("../../../../docs/sql.md");
        let section =
            text.split("## Functions").nth(1).and_then(|rest| rest.split("\n## ").next()).expect("there");
        for name in [SCALAR, AGGREGATE, WINDOW, TABLE, ROWS].into_iter().flat_map(str::split_whitespace) {
            assert!(section.contains(&format!("`{name}`")), "docs/sql.md does not list {name}");
        }
    }
}

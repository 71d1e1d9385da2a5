//! Puts functions that know their bounds in the place of operators that do not.

use std::sync::Arc;

use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TreeNode as _};
use datafusion::common::{DFSchema, Result};
use datafusion::execution::memory_pool::MemoryPool;
use datafusion::logical_expr::expr::ScalarFunction;
use datafusion::logical_expr::expr_rewriter::NamePreserver;
use datafusion::logical_expr::utils::merge_schema;
use datafusion::logical_expr::{BinaryExpr, Expr, ExprSchemable as _, LogicalPlan, Operator};
use datafusion::optimizer::AnalyzerRule;

use super::{bounded, exact};

/// Runs first, before types are made to agree, for it changes some.
#[derive(Debug)]
pub(crate) struct Operators {
    /// Where the memory of all statements is counted.
    pub(crate) pool: Arc<dyn MemoryPool>,
}

impl AnalyzerRule for Operators {
    fn name(&self) -> &'static str {
        "operators_with_bounds"
    }

    fn analyze(&self, plan: LogicalPlan, _: &ConfigOptions) -> Result<LogicalPlan> {
        plan.transform_up_with_subqueries(|node| self.node(node)).map(|changed| changed.data)
    }
}

impl Operators {
    fn node(&self, plan: LogicalPlan) -> Result<Transformed<LogicalPlan>> {
        let schema = merge_schema(&plan.inputs());
        let names = NamePreserver::new(&plan);
        plan.map_expressions(|whole| {
            let name = names.save(&whole);
            let changed = whole.transform_up(|part| self.expression(part, &schema))?;
            Ok(changed.update_data(|whole| name.restore(whole)))
        })?
        .map_data(LogicalPlan::recompute_schema)
    }

    fn expression(&self, part: Expr, schema: &DFSchema) -> Result<Transformed<Expr>> {
        match part {
            Expr::BinaryExpr(BinaryExpr { left, op: Operator::StringConcat, right }) => {
                Ok(Transformed::yes(bounded::joined(*left, *right, &self.pool)))
            }
            Expr::BinaryExpr(BinaryExpr { left, op, right }) => {
                let (left_type, right_type) = (left.get_type(schema)?, right.get_type(schema)?);
                Ok(match exact::operation(op, [&left_type, &right_type]) {
                    Some(operation) => Transformed::yes(exact::call(operation, *left, *right)),
                    None => Transformed::no(Expr::BinaryExpr(BinaryExpr::new(left, op, right))),
                })
            }
            Expr::ScalarFunction(mut call) if is_float_moment(&call, schema)? => {
                let wanted = Expr::ScalarFunction(call.clone()).get_type(schema)?;
                Ok(Transformed::yes(exact::moment(call.args.remove(0), wanted)))
            }
            Expr::ScalarFunction(call) => Ok(bounded::call(call.func, call.args, &self.pool)),
            Expr::Negative(inner) if inner.get_type(schema)?.is_integer() => {
                Ok(Transformed::yes(exact::negated(*inner)))
            }
            other => Ok(Transformed::no(other)),
        }
    }
}

/// Whether it is `to_timestamp` of a float.
fn is_float_moment(call: &ScalarFunction, schema: &DFSchema) -> Result<bool> {
    match (call.func.name(), call.args.as_slice()) {
        ("to_timestamp", [seconds]) => Ok(seconds.get_type(schema)?.is_floating()),
        _ => Ok(false),
    }
}

//! `attributes ->> 'key'`, as Postgres reads one value of a jsonb: the same as `attr(attributes, 'key')`.

use std::sync::Arc;

use datafusion::common::{DFSchema, Result};
use datafusion::logical_expr::ScalarUDF;
use datafusion::logical_expr::planner::{ExprPlanner, PlannerResult, RawBinaryExpr};
use datafusion::sql::sqlparser::ast::BinaryOperator;

/// Plans the operator as a call of `attr`.
#[derive(Debug)]
pub(super) struct Arrow(pub(super) Arc<ScalarUDF>);

impl ExprPlanner for Arrow {
    fn plan_binary_op(&self, expr: RawBinaryExpr, _: &DFSchema) -> Result<PlannerResult<RawBinaryExpr>> {
        Ok(match expr.op {
            BinaryOperator::LongArrow => PlannerResult::Planned(self.0.call(vec![expr.left, expr.right])),
            _ => PlannerResult::Original(expr),
        })
    }
}

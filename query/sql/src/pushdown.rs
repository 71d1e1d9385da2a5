//! What ClickHouse does instead of DataFusion, beside the filters that views take: groups of one view, and the first rows
//! of one in an order. One rule of the optimizer, which looks at each node once and answers no unless everything in it is
//! listed. What it makes is a typed question ([`crate::scan`]); no plan is turned into text.

mod figures;
mod first;
mod groups;
mod keys;
mod quantiles;
mod source;

use datafusion::common::tree_node::Transformed;
use datafusion::error::Result;
use datafusion::logical_expr::LogicalPlan;
use datafusion::optimizer::optimizer::ApplyOrder;
use datafusion::optimizer::{OptimizerConfig, OptimizerRule};

/// The rule; it stands behind DataFusion's own.
#[derive(Debug)]
pub(crate) struct PushDown;

impl OptimizerRule for PushDown {
    fn name(&self) -> &'static str {
        "headroom_push_down"
    }

    fn apply_order(&self) -> Option<ApplyOrder> {
        Some(ApplyOrder::BottomUp)
    }

    fn rewrite(&self, plan: LogicalPlan, _: &dyn OptimizerConfig) -> Result<Transformed<LogicalPlan>> {
        let pushed = match &plan {
            LogicalPlan::Aggregate(aggregate) => match groups::push(aggregate)? {
                None => quantiles::push(aggregate)?,
                groups => groups,
            },
            LogicalPlan::Sort(sort) => first::push(sort)?,
            _ => None,
        };
        Ok(pushed.map_or_else(|| Transformed::no(plan), Transformed::yes))
    }
}

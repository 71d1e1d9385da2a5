//! `ORDER BY .. LIMIT` over one view: the rows that come first. The order above stays, for rows come as they come.

use std::sync::Arc;

use datafusion::common::tree_node::{Transformed, TreeNode as _};
use datafusion::datasource::provider_as_source;
use datafusion::error::Result;
use datafusion::logical_expr::{Expr, LogicalPlan, Sort};

use super::source::Source;
use crate::provider::{First, Provider};
use crate::scan::Order;

/// The plan in which ClickHouse chooses the rows, if it orders them the same.
pub(super) fn push(sort: &Sort) -> Result<Option<LogicalPlan>> {
    let (Some(rows), Some(source)) = (sort.fetch, Source::of(&sort.input)) else { return Ok(None) };
    let columns = source.provider.view.columns;
    let mut order = Vec::with_capacity(sort.expr.len());
    for by in &sort.expr {
        let Expr::Column(wanted) = source.resolve(&by.expr)? else { return Ok(None) };
        let column = columns.iter().position(|column| column.name == wanted.name);
        // NaN comes last in DataFusion, whatever the direction of NULL.
        let Some(output) = column.filter(|n| !columns[*n].kind.is_float()) else {
            return Ok(None);
        };
        order.push(Order { output, descending: !by.asc, nulls_first: by.nulls_first });
    }
    let first = Provider { first: Some(First { order, rows }), ..source.provider };
    let first = provider_as_source(Arc::new(first));
    let changed = LogicalPlan::Sort(sort.clone()).transform_up(|node| match node {
        LogicalPlan::TableScan(mut scan) => {
            scan.source = Arc::clone(&first);
            Ok(Transformed::yes(LogicalPlan::TableScan(scan)))
        }
        other => Ok(Transformed::no(other)),
    })?;
    Ok(Some(changed.data))
}

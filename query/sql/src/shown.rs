//! The columns of an answer as they are shown: which texts are JSON.

use std::sync::Arc;

use datafusion::arrow::datatypes::{Field, Schema, SchemaRef};
use datafusion::common::Column;
use datafusion::logical_expr::{Expr, LogicalPlan};

use crate::catalog::JSON;

/// The schema of a plan's answer. A column of JSON stays one as long as nothing is computed from it: a cast to text
/// makes it text, though DataFusion hands its mark on.
pub(crate) fn schema(plan: &LogicalPlan) -> SchemaRef {
    let schema = plan.schema().as_arrow();
    let shown = schema.fields().iter().enumerate().map(|(index, field)| {
        if !field.metadata().contains_key(JSON) || is_column(plan, index) {
            return Arc::clone(field);
        }
        let mut metadata = field.metadata().clone();
        metadata.remove(JSON);
        Arc::new(Field::clone(field).with_metadata(metadata))
    });
    Arc::new(Schema::new(shown.collect::<Vec<_>>()))
}

/// Whether a column of an answer is one of a view, and nothing else.
fn is_column(plan: &LogicalPlan, index: usize) -> bool {
    match plan {
        LogicalPlan::TableScan(_) => true,
        LogicalPlan::Projection(node) => is_plain(&node.expr[index], &node.input),
        LogicalPlan::Aggregate(node) => {
            node.group_expr.get(index).is_some_and(|expr| is_plain(expr, &node.input))
        }
        LogicalPlan::Join(node) => match index.checked_sub(node.left.schema().fields().len()) {
            None => is_column(&node.left, index),
            Some(index) => index < node.right.schema().fields().len() && is_column(&node.right, index),
        },
        LogicalPlan::Union(node) => node.inputs.iter().all(|input| is_column(input, index)),
        LogicalPlan::Filter(_)
        | LogicalPlan::Sort(_)
        | LogicalPlan::Limit(_)
        | LogicalPlan::Repartition(_)
        | LogicalPlan::SubqueryAlias(_)
        | LogicalPlan::Distinct(_)
        | LogicalPlan::Window(_) => {
            let input = plan.inputs()[0];
            index < input.schema().fields().len() && is_column(input, index)
        }
        _ => false,
    }
}

fn is_plain(expr: &Expr, input: &LogicalPlan) -> bool {
    match expr {
        Expr::Alias(alias) => is_plain(&alias.expr, input),
        Expr::Column(column) => place(column, input).is_some_and(|index| is_column(input, index)),
        _ => false,
    }
}

fn place(column: &Column, input: &LogicalPlan) -> Option<usize> {
    input.schema().maybe_index_of_column(column)
}

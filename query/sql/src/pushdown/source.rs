//! The one view that a part of a plan reads, and what its columns are called on the way.

use datafusion::common::tree_node::{Transformed, TreeNode as _, TreeNodeRecursion};
use datafusion::common::{Column, Result, ScalarValue};
use datafusion::datasource::source_as_provider;
use datafusion::logical_expr::expr::Alias;
use datafusion::logical_expr::{Expr, LogicalPlan};

use crate::provider::Provider;
use crate::scan::{Predicate, classify};

/// A read of one view of which every row counts.
pub(super) struct Source<'a> {
    pub(super) provider: Provider,
    /// The conditions of the read; ClickHouse judges them all.
    pub(super) predicates: Vec<Predicate>,
    path: Vec<&'a LogicalPlan>,
}

impl<'a> Source<'a> {
    /// The view under projections and other names; nothing else may lie between.
    pub(super) fn of(plan: &'a LogicalPlan) -> Option<Self> {
        let (mut at, mut path) = (plan, Vec::new());
        let scan = loop {
            match at {
                LogicalPlan::Projection(projection) => {
                    path.push(at);
                    at = &projection.input;
                }
                LogicalPlan::SubqueryAlias(alias) => at = &alias.input,
                LogicalPlan::TableScan(scan) => break scan,
                _ => return None,
            }
        };
        let table = source_as_provider(&scan.source).ok()?;
        let any: &dyn std::any::Any = table.as_ref();
        let provider = any.downcast_ref::<Provider>()?.clone();
        if !provider.push_filters || provider.first.is_some() || scan.fetch.is_some() {
            return None;
        }
        let exact = |filter: &Expr| classify(provider.view, filter).filter(|pushed| pushed.exact);
        let predicates: Option<Vec<_>> =
            scan.filters.iter().map(|filter| Some(exact(filter)?.predicate)).collect();
        Some(Self { predicates: predicates?, provider, path })
    }

    /// An expression above the projections in terms of the view's columns.
    pub(super) fn resolve(&self, expr: &Expr) -> Result<Expr> {
        let mut expr = expr.clone();
        for plan in &self.path {
            let LogicalPlan::Projection(projection) = plan else { continue };
            let behind = |column: &Column| {
                let place =
                    projection.schema.fields().iter().position(|field| *field.name() == column.name)?;
                Some(projection.expr[place].clone())
            };
            expr = expr
                .transform_down(|one| match &one {
                    // What is put in is not looked at again.
                    Expr::Column(column) => Ok(behind(column).map_or_else(
                        || Transformed::no(one.clone()),
                        |found| Transformed::new(found, true, TreeNodeRecursion::Jump),
                    )),
                    _ => Ok(Transformed::no(one)),
                })?
                .data;
        }
        bare(expr)
    }
}

/// Without the names that it and its parts were given.
pub(super) fn bare(expr: Expr) -> Result<Expr> {
    let unnamed = |one| match one {
        Expr::Alias(Alias { expr, .. }) => Transformed::yes(*expr),
        other => Transformed::no(other),
    };
    Ok(expr.transform_up(|one| Ok(unnamed(one)))?.data)
}

/// The literal's value.
pub(super) fn literal(expr: &Expr) -> Option<&ScalarValue> {
    match expr {
        Expr::Literal(value, _) => Some(value),
        _ => None,
    }
}

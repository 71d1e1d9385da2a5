//! How large a statement becomes once its common table expressions are written out.
//!
//! The planner writes a common table expression out wherever it is named. Twenty that each name the one
//! before twice are a million reads, planned before anything can stop them.

use std::collections::{HashMap, VecDeque};
use std::ops::ControlFlow;

use datafusion::sql::parser::Statement;
use datafusion::sql::sqlparser::ast::{ObjectName, Query, SetExpr, Visit as _, Visitor};

use crate::error::{Result, SqlError};

/// Most tables that a statement may read, common table expressions written out.
const MOST_TABLES: u64 = 200;
/// Most columns that one SELECT may give.
const MOST_COLUMNS: usize = 1_000;

/// Refuses a statement that is too large to plan.
pub(super) fn check(statement: &Statement) -> Result<()> {
    match statement {
        Statement::Statement(ast) => match ast.visit(&mut Counter::default()) {
            ControlFlow::Break(error) => Err(error),
            ControlFlow::Continue(()) => Ok(()),
        },
        Statement::Explain(explain) => check(&explain.statement),
        _ => Ok(()),
    }
}

/// Counts tables from the inside out.
#[derive(Default)]
struct Counter {
    /// Tables behind each common table expression seen so far.
    weights: HashMap<String, u64>,
    open: Vec<Frame>,
}

/// A query that is being walked.
#[derive(Default)]
struct Frame {
    tables: u64,
    /// Its common table expressions, which are walked first, in this order.
    named: VecDeque<String>,
}

impl Visitor for Counter {
    type Break = SqlError;

    fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<SqlError> {
        if widest(&query.body) > MOST_COLUMNS {
            return ControlFlow::Break(SqlError::TooComplex(format!("{MOST_COLUMNS} columns in a SELECT")));
        }
        let with = query.with.iter().flat_map(|with| &with.cte_tables);
        let named = with.map(|table| table.alias.name.value.to_lowercase()).collect();
        self.open.push(Frame { tables: 0, named });
        ControlFlow::Continue(())
    }

    fn pre_visit_relation(&mut self, relation: &ObjectName) -> ControlFlow<SqlError> {
        // Quoted or not, in a schema or not: the name itself decides.
        let name = relation.0.last().and_then(|part| part.as_ident()).map(|name| name.value.to_lowercase());
        let weight = name.and_then(|name| self.weights.get(&name).copied()).unwrap_or(1);
        if let Some(frame) = self.open.last_mut() {
            frame.tables = frame.tables.saturating_add(weight);
            if frame.tables > MOST_TABLES {
                return ControlFlow::Break(SqlError::TooComplex(format!("{MOST_TABLES} tables to read")));
            }
        }
        ControlFlow::Continue(())
    }

    fn post_visit_query(&mut self, _: &Query) -> ControlFlow<SqlError> {
        let Some(done) = self.open.pop() else { return ControlFlow::Continue(()) };
        let Some(parent) = self.open.last_mut() else { return ControlFlow::Continue(()) };
        match parent.named.pop_front() {
            // Named again, it counts again, with one for itself: a chain is as deep as it is long. Where a name
            // hides another, the heavier one counts.
            Some(name) => {
                let weight = self.weights.entry(name).or_default();
                *weight = (*weight).max(done.tables.saturating_add(1));
            }
            None => parent.tables = parent.tables.saturating_add(done.tables),
        }
        if parent.tables > MOST_TABLES {
            return ControlFlow::Break(SqlError::TooComplex(format!("{MOST_TABLES} tables to read")));
        }
        ControlFlow::Continue(())
    }
}

/// Columns of the widest SELECT directly in a query's body.
fn widest(body: &SetExpr) -> usize {
    match body {
        SetExpr::Select(select) => select.projection.len(),
        SetExpr::SetOperation { left, right, .. } => widest(left).max(widest(right)),
        _ => 0,
    }
}

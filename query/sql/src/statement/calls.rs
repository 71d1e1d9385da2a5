//! What a statement may call, by the names in its text.

use std::ops::ControlFlow;

use datafusion::sql::parser::Statement;
use datafusion::sql::sqlparser::ast::{Expr, ObjectName, Query, TableFactor, Visit as _, Visitor};

use crate::error::{Result, SqlError};
use crate::functions;

/// Refuses functions that are not offered, and queries that ask themselves.
pub(super) fn check(statement: &Statement) -> Result<()> {
    match statement {
        Statement::Statement(ast) => match ast.visit(&mut Calls) {
            ControlFlow::Break(error) => Err(error),
            ControlFlow::Continue(()) => Ok(()),
        },
        Statement::Explain(explain) => check(&explain.statement),
        _ => Ok(()),
    }
}

struct Calls;

impl Visitor for Calls {
    type Break = SqlError;

    fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<SqlError> {
        if query.with.as_ref().is_some_and(|with| with.recursive) {
            let words = "WITH RECURSIVE is not offered: how much a query that asks itself takes is not known";
            return ControlFlow::Break(SqlError::Unsupported(words.to_owned()));
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_table_factor(&mut self, table: &TableFactor) -> ControlFlow<SqlError> {
        match table {
            TableFactor::Table { name, args: Some(_), .. } | TableFactor::Function { name, .. } => {
                refuse(functions::check_table(&called(name)))
            }
            _ => ControlFlow::Continue(()),
        }
    }

    fn pre_visit_expr(&mut self, expr: &Expr) -> ControlFlow<SqlError> {
        match expr {
            Expr::Function(call) => refuse(functions::check_call(&called(&call.name))),
            _ => ControlFlow::Continue(()),
        }
    }
}

fn called(name: &ObjectName) -> String {
    name.to_string().to_lowercase()
}

fn refuse(outcome: Result<()>) -> ControlFlow<SqlError> {
    outcome.map_or_else(ControlFlow::Break, ControlFlow::Continue)
}

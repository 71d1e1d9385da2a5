//! What a statement may call, by the names in its text.

use std::ops::ControlFlow;

use datafusion::sql::parser::Statement;
use datafusion::sql::sqlparser::ast::{Expr, Query, Visit as _, Visitor};

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

    fn pre_visit_expr(&mut self, expr: &Expr) -> ControlFlow<SqlError> {
        let Expr::Function(call) = expr else { return ControlFlow::Continue(()) };
        let name = call.name.to_string().to_lowercase();
        if functions::is_offered(&name) {
            ControlFlow::Continue(())
        } else {
            ControlFlow::Break(functions::refusal(&name))
        }
    }
}

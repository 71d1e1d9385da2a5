//! What may be told of a group.

use datafusion::arrow::datatypes::DataType;
use datafusion::logical_expr::Expr;
use datafusion::logical_expr::expr::{AggregateFunction, AggregateFunctionParams};

use super::keys::Outputs;
use super::source::{Source, bare, literal};
use crate::catalog::Kind;
use crate::functions::ANY_INTEGER;
use crate::scan::{Aggregate, Figure, Output, classify};

/// The figure, if ClickHouse tells the same. Sums and means of floats hang on the order of the rows, and stay in
/// DataFusion, as do their extremes: NaN is the largest there.
pub(super) fn aggregate(source: &Source<'_>, expr: &Expr, outputs: &mut Outputs) -> Option<Aggregate> {
    let Expr::AggregateFunction(AggregateFunction { func, params }) = bare(expr.clone()).ok()? else {
        return None;
    };
    let AggregateFunctionParams { args, distinct, filter, order_by, null_treatment } = params;
    let [arg] = args.as_slice() else { return None };
    if !order_by.is_empty() || null_treatment.is_some() {
        return None;
    }
    let arg = source.resolve(arg).ok()?;
    let view = source.provider.view;
    let figure = match (func.name(), distinct) {
        ("count", false) if literal(&arg).is_some_and(|value| !value.is_null()) => Figure::Rows,
        ("count", false) => Figure::Count(outputs.value(view, &arg)?.0),
        ("count", true) => {
            let (of, kind) = outputs.value(view, &arg)?;
            (!kind.is_float()).then_some(Figure::Distinct(of))?
        }
        ("min", false) => Figure::Min(ordered(outputs.value(view, &arg)?)?),
        ("max", false) => Figure::Max(ordered(outputs.value(view, &arg)?)?),
        ("sum", false) => {
            if let Some(whole) = widened(&arg, &ANY_INTEGER) {
                Figure::SumInt(integer(outputs.value(view, whole)?)?)
            } else {
                let (of, kind) = outputs.value(view, &arg)?;
                (kind == Kind::Decimal).then_some(Figure::SumDecimal(of))?
            }
        }
        ("avg", false) => {
            let whole = widened(&arg, &DataType::Float64)?;
            Figure::MeanInt(integer(outputs.value(view, whole)?)?)
        }
        _ => return None,
    };
    let only = match filter {
        None => None,
        Some(filter) => {
            let pushed = classify(view, &source.resolve(&filter).ok()?).filter(|pushed| pushed.exact)?;
            Some(outputs.place(Output::Holds(pushed.predicate)))
        }
    };
    Some(Aggregate { figure, only })
}

/// The place of a column of integers.
pub(super) fn integer((of, kind): (usize, Kind)) -> Option<usize> {
    let is =
        matches!(kind, Kind::Int | Kind::Unsigned | Kind::IntOrNull | Kind::Sum | Kind::Max | Kind::Errors);
    is.then_some(of)
}

/// What is cast to the type in which integers are added up; any other cast may fail, and stays.
pub(super) fn widened<'a>(expr: &'a Expr, to: &DataType) -> Option<&'a Expr> {
    match expr {
        Expr::Cast(cast) if cast.field.data_type() == to => Some(&cast.expr),
        _ => None,
    }
}

fn ordered((of, kind): (usize, Kind)) -> Option<usize> {
    (!kind.is_float() && kind != Kind::Bool).then_some(of)
}

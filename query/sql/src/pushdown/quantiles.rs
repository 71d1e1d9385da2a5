//! `latency_quantile` over the buckets of a view: ClickHouse adds up the spans of each bucket, which leaves few rows, and
//! DataFusion finds the quantile in them.

use datafusion::arrow::datatypes::DataType;
use datafusion::common::ScalarValue;
use datafusion::error::Result;
use datafusion::logical_expr::expr::{AggregateFunction, AggregateFunctionParams};
use datafusion::logical_expr::{Aggregate as AggregatePlan, Expr, LogicalPlan, cast, col};

use super::figures::{aggregate, integer, widened};
use super::groups::{groups, keyed, name, named_as, read};
use super::keys::Outputs;
use super::source::{Source, bare, literal};
use crate::functions::{ANY_INTEGER, LATENCY_QUANTILE};
use crate::scan::{Aggregate, Figure, Key};

/// A sum of integers of 20 digits.
const SUM: DataType = DataType::Decimal128(30, 0);

/// The plan in which ClickHouse adds up buckets, if nothing but quantiles of them and sums is asked.
pub(super) fn push(plan: &AggregatePlan) -> Result<Option<LogicalPlan>> {
    if !plan.aggr_expr.iter().any(is_quantile) {
        return Ok(None);
    }
    let Some((source, mut outputs, mut keys)) = keyed(plan)? else { return Ok(None) };
    let Some(bucket) = plan.aggr_expr.iter().find_map(|expr| bucket(&source, expr, &mut outputs)) else {
        return Ok(None);
    };
    let first_sum = keys.len() + 1;
    let mut sums: Vec<Aggregate> = Vec::new();
    let mut asked = Vec::with_capacity(plan.aggr_expr.len());
    for expr in &plan.aggr_expr {
        let Some((mut call, summed)) = summed(&source, expr, bucket, &mut outputs) else { return Ok(None) };
        let place = sums.iter().position(|one| *one == summed).unwrap_or_else(|| {
            sums.push(summed);
            sums.len() - 1
        });
        let sum = col(name(first_sum + place));
        call.params.args = match call.params.args.as_slice() {
            [q, _, _] => vec![q.clone(), col(name(keys.len())), cast(sum, DataType::Float64)],
            _ => vec![cast(sum, ANY_INTEGER)],
        };
        asked.push(Expr::AggregateFunction(call).alias(name(keys.len() + asked.len())));
    }
    let grouped: Vec<Expr> = (0..keys.len()).map(|n| col(name(n))).collect();
    let types = plan.schema.fields().iter().take(keys.len());
    let types = types.map(|field| (field.data_type().clone(), field.is_nullable()));
    let types = types.chain([(DataType::Int64, false)]).chain(vec![(SUM, true); sums.len()]);
    keys.push(Key::Value(bucket));
    let question = groups(&source, outputs, keys, sums);
    if !question.rows.apart {
        return Ok(None);
    }
    let made = read(source, question, types)?.aggregate(grouped, asked)?;
    named_as(plan, made).map(Some)
}

fn call_of(expr: &Expr) -> Option<AggregateFunction> {
    match bare(expr.clone()).ok()? {
        Expr::AggregateFunction(call) => Some(call),
        _ => None,
    }
}

fn is_quantile(expr: &Expr) -> bool {
    call_of(expr).is_some_and(|call| call.func.name() == LATENCY_QUANTILE)
}

/// The place of the bucket that a quantile is asked of.
fn bucket(source: &Source<'_>, expr: &Expr, outputs: &mut Outputs) -> Option<usize> {
    let call = call_of(expr).filter(|call| call.func.name() == LATENCY_QUANTILE)?;
    let [_, bucket, _] = call.params.args.as_slice() else { return None };
    integer(outputs.value(source.provider.view, &source.resolve(bucket).ok()?)?)
}

/// The figure that is asked, and the sum by bucket that it is made of.
fn summed(
    source: &Source<'_>,
    expr: &Expr,
    of: usize,
    outputs: &mut Outputs,
) -> Option<(AggregateFunction, Aggregate)> {
    let call = call_of(expr)?;
    if call.func.name() != LATENCY_QUANTILE {
        let plain = call.params.filter.is_none();
        let sum = aggregate(source, expr, outputs)
            .filter(|one| plain && matches!(one.figure, Figure::SumInt(_)))?;
        return Some((call, sum));
    }
    let AggregateFunctionParams { args, distinct, filter, order_by, null_treatment } = &call.params;
    let [q, _, spans] = args.as_slice() else { return None };
    if *distinct || filter.is_some() || !order_by.is_empty() || null_treatment.is_some() {
        return None;
    }
    let q = literal(q).is_some_and(|q| matches!(q, ScalarValue::Float64(Some(_))));
    if !q || bucket(source, expr, outputs)? != of {
        return None;
    }
    let spans = source.resolve(spans).ok()?;
    let spans = integer(outputs.value(source.provider.view, widened(&spans, &DataType::Float64)?)?)?;
    Some((call, Aggregate { figure: Figure::SumInt(spans), only: None }))
}

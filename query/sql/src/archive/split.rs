//! A read of a view, split at the boundary.

use std::collections::BTreeSet;
use std::sync::Arc;

use datafusion::arrow::datatypes::{Schema, SchemaRef};
use datafusion::catalog::Session;
use datafusion::common::{DFSchema, internal_err};
use datafusion::error::Result;
use datafusion::logical_expr::Expr;
use datafusion::logical_expr::utils::conjunction;
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_expr::expressions::Column;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::filter::FilterExec;
use datafusion::physical_plan::projection::ProjectionExec;
use datafusion::physical_plan::union::UnionExec;

use super::files::{ArchiveExec, Wanted};
use super::once::OnceExec;
use super::{Reach, external};
use crate::provider::Provider;
use crate::scan::{Predicate, classify};
use crate::times::{self, TS};

/// Reads the chosen columns of the rows for which all filters hold, below the boundary from files and from it on from
/// ClickHouse; a side on which no row can be is not read.
pub(crate) fn read(
    provider: &Provider,
    reach: &Reach,
    state: &dyn Session,
    chosen: &[usize],
    filters: &[Expr],
    limit: Option<usize>,
) -> Result<Arc<dyn ExecutionPlan>> {
    let view = provider.view;
    let predicates: Vec<_> = predicates_of(provider, filters).collect();
    let (boundary, range) = (reach.boundary(), times::range(&predicates, TS));
    if range.start >= boundary {
        return provider.stored(chosen, filters, limit, None);
    }
    let (archive, days) = match reach {
        Reach::Known(archive, days) => (archive, days),
        Reach::Unknown { why, .. } => return Err(external(why.clone())),
    };
    let since = since(provider, boundary)?;
    let files = archive.files(days, range.start, range.end.min(boundary));
    if files.is_empty() {
        return provider.stored(chosen, filters, limit, Some(since));
    }
    let both = range.end > boundary;
    if view.repeats_over_days() {
        // Rows are taken once before they are judged, as ClickHouse does it: see View::once_by.
        let at_once =
            |one: &Expr| classify(view, one).is_some_and(|pushed| pushed.predicate.is_judged_at_once(view));
        let (first, later): (Vec<Expr>, Vec<Expr>) = filters.iter().cloned().partition(at_once);
        let keys = view.columns.iter().enumerate().filter(|(_, column)| view.once_by.contains(&column.from));
        let columns = with_columns_of(provider, chosen, &later, keys.map(|(n, _)| n));
        // Which rows come first is not known before they are taken once.
        let whole = Provider { first: None, ..provider.clone() };
        let stored = both.then(|| whole.stored(&columns, &first, None, Some(since))).transpose()?;
        let archived = archived(provider, files, state, &columns, &first, (1, None))?;
        let once = OnceExec::over(together(archived, stored)?, view)?;
        return projected(filtered(once, state, &later)?, provider, chosen);
    }
    let stored = both.then(|| provider.stored(chosen, filters, limit, Some(since))).transpose()?;
    let lanes = state.config().target_partitions();
    together(archived(provider, files, state, chosen, filters, (lanes, limit))?, stored)
}

fn predicates_of(provider: &Provider, filters: &[Expr]) -> impl Iterator<Item = Predicate> {
    let pushed = filters.iter().filter_map(|one| classify(provider.view, one));
    pushed.map(|pushed| pushed.predicate)
}

/// The condition that leaves the archived rows out.
fn since(provider: &Provider, boundary: i64) -> Result<Predicate> {
    let Some(ts) = provider.view.columns.iter().find(|column| column.name == TS) else {
        return internal_err!("{} is archived and has no time", provider.view.name);
    };
    Ok(times::since(ts, boundary))
}

/// The archived rows for which the filters hold, in so many streams.
fn archived(
    provider: &Provider,
    files: Vec<headroom_archive::DayFile>,
    state: &dyn Session,
    chosen: &[usize],
    filters: &[Expr],
    (lanes, limit): (usize, Option<usize>),
) -> Result<Arc<dyn ExecutionPlan>> {
    let columns = with_columns_of(provider, chosen, filters, std::iter::empty());
    let wanted = Wanted {
        view: provider.view.name,
        schema: provider.schema.clone(),
        columns,
        pruning: pruning(provider, state, filters)?,
        shown: predicates_of(provider, filters).map(|one| one.to_string()).collect(),
        limit: limit.filter(|_| filters.is_empty()),
    };
    let rows = Arc::new(ArchiveExec::new(wanted, files, lanes)?);
    projected(filtered(rows, state, filters)?, provider, chosen)
}

/// The conditions that files are searched by. Those on floats are not among them: the statistics of a file leave out
/// NaN, which DataFusion takes for the greatest of all.
fn pruning(
    provider: &Provider,
    state: &dyn Session,
    filters: &[Expr],
) -> Result<Option<Arc<dyn PhysicalExpr>>> {
    let plain = |filter: &&Expr| {
        let predicate = classify(provider.view, filter).map(|pushed| pushed.predicate);
        predicate.is_some_and(|one| {
            one.columns().iter().all(|column| !column.kind.is_float()) && !one.reads_attributes()
        })
    };
    physical(state, &provider.schema, filters.iter().filter(plain).cloned())
}

fn physical(
    state: &dyn Session,
    schema: &SchemaRef,
    filters: impl IntoIterator<Item = Expr>,
) -> Result<Option<Arc<dyn PhysicalExpr>>> {
    let Some(all) = conjunction(filters) else { return Ok(None) };
    let names = DFSchema::try_from(schema.as_ref().clone())?;
    state.create_physical_expr(all, &names).map(Some)
}

fn filtered(
    rows: Arc<dyn ExecutionPlan>,
    state: &dyn Session,
    filters: &[Expr],
) -> Result<Arc<dyn ExecutionPlan>> {
    Ok(match physical(state, &rows.schema(), filters.iter().cloned())? {
        Some(condition) => Arc::new(FilterExec::try_new(condition, rows)?),
        None => rows,
    })
}

/// The places of the chosen columns, of those that the filters look at, and of some more.
fn with_columns_of(
    provider: &Provider,
    chosen: &[usize],
    filters: &[Expr],
    more: impl Iterator<Item = usize>,
) -> Vec<usize> {
    let named: BTreeSet<&str> =
        filters.iter().flat_map(Expr::column_refs).map(|column| column.name.as_str()).collect();
    let looked_at = provider.view.columns.iter().enumerate();
    let looked_at = looked_at.filter(|(_, column)| named.contains(column.name)).map(|(n, _)| n);
    let all: BTreeSet<usize> = chosen.iter().copied().chain(looked_at).chain(more).collect();
    all.into_iter().collect()
}

/// The chosen columns alone, in their order.
fn projected(
    rows: Arc<dyn ExecutionPlan>,
    provider: &Provider,
    chosen: &[usize],
) -> Result<Arc<dyn ExecutionPlan>> {
    let wanted: Schema = provider.schema.project(chosen)?;
    if *rows.schema() == wanted {
        return Ok(rows);
    }
    let schema = rows.schema();
    let column = |field: &Arc<datafusion::arrow::datatypes::Field>| {
        let place = schema.index_of(field.name())?;
        Ok((Arc::new(Column::new(field.name(), place)) as Arc<dyn PhysicalExpr>, field.name().clone()))
    };
    let columns = wanted.fields().iter().map(column).collect::<Result<Vec<_>>>()?;
    Ok(Arc::new(ProjectionExec::try_new(columns, rows)?))
}

fn together(
    archived: Arc<dyn ExecutionPlan>,
    stored: Option<Arc<dyn ExecutionPlan>>,
) -> Result<Arc<dyn ExecutionPlan>> {
    match stored {
        Some(stored) => UnionExec::try_new(vec![archived, stored]),
        None => Ok(archived),
    }
}

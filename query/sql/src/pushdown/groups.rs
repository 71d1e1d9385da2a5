//! `GROUP BY` over one view, as a table of its groups.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;

use async_trait::async_trait;
use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::TableReference;
use datafusion::datasource::provider_as_source;
use datafusion::error::Result;
use datafusion::logical_expr::{
    Aggregate as AggregatePlan, Expr, LogicalPlan, LogicalPlanBuilder, TableType, col,
};
use datafusion::physical_plan::ExecutionPlan;

use super::figures::aggregate;
use super::keys::{Outputs, key};
use super::source::Source;
use crate::exec::ScanExec;
use crate::provider::Provider;
use crate::scan::{Aggregate, Groups, Key, Question, Scan};

/// The groups of a view.
#[derive(Debug)]
struct GroupsProvider {
    provider: Provider,
    /// All of them; what is told and how many are asked for is known when it is read.
    groups: Groups,
    schema: SchemaRef,
}

/// The plan in which ClickHouse makes the groups, if all of it may be told.
pub(super) fn push(plan: &AggregatePlan) -> Result<Option<LogicalPlan>> {
    let Some((source, mut outputs, keys)) = keyed(plan)? else { return Ok(None) };
    let aggregates: Option<Vec<_>> =
        plan.aggr_expr.iter().map(|expr| aggregate(&source, expr, &mut outputs)).collect();
    let Some(aggregates) = aggregates else { return Ok(None) };
    let groups = groups(&source, outputs, keys, aggregates);
    let types = plan.schema.fields().iter().map(|field| (field.data_type().clone(), field.is_nullable()));
    named_as(plan, read(source, groups, types)?).map(Some)
}

/// The view under a plan of groups, and what they have in common.
pub(super) fn keyed(plan: &AggregatePlan) -> Result<Option<(Source<'_>, Outputs, Vec<Key>)>> {
    let Some(source) = Source::of(&plan.input) else { return Ok(None) };
    // Groups of which a part is in files are made where both parts come together.
    if source.provider.meets_archive(&source.predicates) {
        return Ok(None);
    }
    let mut outputs = Outputs::default();
    let mut keys = Vec::with_capacity(plan.group_expr.len());
    for expr in &plan.group_expr {
        let Some(key) = key(source.provider.view, &source.resolve(expr)?, &mut outputs) else {
            return Ok(None);
        };
        keys.push(key);
    }
    Ok(Some((source, outputs, keys)))
}

/// The question for such groups.
pub(super) fn groups(
    source: &Source<'_>,
    outputs: Outputs,
    keys: Vec<Key>,
    aggregates: Vec<Aggregate>,
) -> Groups {
    let rows = Scan {
        view: source.provider.view,
        outputs: outputs.0,
        predicates: source.predicates.clone(),
        order: Vec::new(),
        limit: None,
        apart: false,
    };
    let mut groups = Groups { rows, keys, aggregates, told: Vec::new(), limit: None };
    groups.rows.apart = groups.passes_over_groups();
    groups
}

/// The groups as a table; its columns are of these types, and may be NULL or not.
pub(super) fn read(
    source: Source<'_>,
    groups: Groups,
    types: impl Iterator<Item = (DataType, bool)>,
) -> Result<LogicalPlanBuilder> {
    // Names of their own: two figures may be called the same in the plan, with different tables before the point.
    let fields: Vec<_> = types
        .enumerate()
        .map(|(n, (data_type, nullable))| Field::new(name(n), data_type, nullable))
        .collect();
    let table = format!("{}#{:016x}", groups.rows.view.name, mark(&groups));
    let groups = GroupsProvider { provider: source.provider, groups, schema: Arc::new(Schema::new(fields)) };
    LogicalPlanBuilder::scan(TableReference::bare(table), provider_as_source(Arc::new(groups)), None)
}

/// Columns [`name`] of a plan, called what the plan of groups calls them.
pub(super) fn named_as(plan: &AggregatePlan, made: LogicalPlanBuilder) -> Result<LogicalPlan> {
    let told =
        plan.schema.iter().enumerate().map(|(n, (table, field))| -> Expr {
            col(name(n)).alias_qualified(table.cloned(), field.name())
        });
    made.project(told)?.build()
}

/// A number of its own for each question: two reads of tables of one name are taken for the same, whatever provides them.
fn mark(question: &impl std::fmt::Debug) -> u64 {
    let mut hasher = DefaultHasher::new();
    format!("{question:?}").hash(&mut hasher);
    hasher.finish()
}

/// What a column is called on the way.
pub(super) fn name(n: usize) -> String {
    format!("group_{n}")
}

#[async_trait]
impl TableProvider for GroupsProvider {
    fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }

    fn table_type(&self) -> TableType {
        TableType::Temporary
    }

    async fn scan(
        &self,
        _: &dyn Session,
        projection: Option<&Vec<usize>>,
        _: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let all: Vec<usize> = (0..self.schema.fields().len()).collect();
        let told = projection.unwrap_or(&all).clone();
        let schema = Arc::new(self.schema.project(&told)?);
        let question = Question::Groups(Groups { told, limit, ..self.groups.clone() });
        let (reader, tenant) = (self.provider.reader.clone(), self.provider.tenant.clone());
        Ok(Arc::new(ScanExec::new(question, schema, reader, tenant)))
    }
}

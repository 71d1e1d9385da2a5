//! The leaf of a plan that asks the program for rows. Nothing is worked out before the plan runs.

use std::fmt;
use std::sync::Arc;

use arrow::json::ReaderBuilder;
use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::common::internal_err;
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::TaskContext;
use datafusion::physical_expr::EquivalenceProperties;
use datafusion::physical_plan::execution_plan::{Boundedness, EmissionType};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{
    DisplayAs, DisplayFormatType, ExecutionPlan, Partitioning, PlanProperties, SendableRecordBatchStream,
};
use futures::{TryStreamExt as _, stream};

use super::{Asked, Facts, Untold};
use crate::auth::Principal;
use crate::catalog::View;
use crate::error::SqlError;
use crate::inputs::no_inputs;
use crate::session::ROWS_AT_ONCE;

/// Most rows of a view that are read for a statement.
pub(super) const MOST: usize = 100_000;

/// Asks for the rows of a view.
#[derive(Clone)]
pub(crate) struct FactsExec {
    view: &'static View,
    by: Principal,
    facts: Arc<dyn Facts>,
    asked: Asked,
    /// Of the view's columns.
    projection: Option<Vec<usize>>,
    schema: SchemaRef,
    properties: Arc<PlanProperties>,
}

impl FactsExec {
    pub(super) fn new(
        view: &'static View,
        by: Principal,
        facts: Arc<dyn Facts>,
        asked: Asked,
        projection: Option<&Vec<usize>>,
    ) -> Result<Self> {
        let schema = match projection {
            Some(columns) => Arc::new(view.schema().project(columns)?),
            None => view.schema(),
        };
        let properties = PlanProperties::new(
            EquivalenceProperties::new(Arc::clone(&schema)),
            Partitioning::UnknownPartitioning(1),
            EmissionType::Final,
            Boundedness::Bounded,
        );
        let projection = projection.cloned();
        Ok(Self { view, by, facts, asked, projection, schema, properties: Arc::new(properties) })
    }

    /// What is worked out for a statement, in words; nothing of what is only looked up.
    pub(crate) fn work(&self) -> Option<String> {
        self.view.of_time().filter(|of| of.worked_out).map(|_| self.to_string())
    }

    async fn rows(&self) -> std::result::Result<Vec<RecordBatch>, SqlError> {
        let name = self.view.name;
        let untold = |why| match why {
            Untold::Refused { why, hint } => SqlError::Refused { view: name.to_owned(), why, hint },
            Untold::Failed(reason) => SqlError::Store { view: name.to_owned(), reason },
        };
        let rows = self.facts.rows(name, &self.by, &self.asked).await.map_err(untold)?;
        if rows.len() > MOST {
            return Err(SqlError::TooManyFacts { view: name.to_owned(), most: MOST });
        }
        let schema = self.view.schema();
        let mut batches = Vec::new();
        for rows in rows.chunks(ROWS_AT_ONCE) {
            let mut decoder =
                ReaderBuilder::new(Arc::clone(&schema)).with_batch_size(ROWS_AT_ONCE).build_decoder()?;
            // As text: how a number of `serde_json` looks inside depends on its features.
            let lines: Vec<String> = rows.iter().map(ToString::to_string).collect();
            let text = lines.join("\n");
            let mut read = 0;
            while read < text.len() {
                read += match decoder.decode(&text.as_bytes()[read..])? {
                    0 => break,
                    some => some,
                };
            }
            let Some(batch) = decoder.flush()? else { continue };
            batches.push(match &self.projection {
                Some(columns) => batch.project(columns)?,
                None => batch,
            });
        }
        Ok(batches)
    }
}

impl fmt::Display for FactsExec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.view.name)?;
        let Asked { days, portfolios, .. } = &self.asked;
        if let Some(from) = days.from {
            write!(f, " from {}", from.to_rfc3339())?;
        }
        if let Some(to) = days.to {
            write!(f, " before {}", to.to_rfc3339())?;
        }
        match portfolios {
            Some(named) => write!(f, " of {} portfolios", named.len()),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for FactsExec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FactsExec({self})")
    }
}

impl DisplayAs for FactsExec {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FactsExec: {self}")
    }
}

impl ExecutionPlan for FactsExec {
    fn name(&self) -> &'static str {
        "FactsExec"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    no_inputs!("a read of facts");

    fn execute(&self, partition: usize, _: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        if partition != 0 {
            return internal_err!("a read of facts has one partition, not {partition}");
        }
        let read = self.clone();
        let rows = async move {
            let batches = read.rows().await.map_err(|error| DataFusionError::External(Box::new(error)))?;
            Ok::<_, DataFusionError>(stream::iter(batches.into_iter().map(Ok)))
        };
        let rows = stream::once(rows).try_flatten();
        Ok(Box::pin(RecordBatchStreamAdapter::new(Arc::clone(&self.schema), rows)))
    }
}

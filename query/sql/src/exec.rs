//! The leaf of a plan that reads a view.

use std::fmt;
use std::sync::Arc;

use datafusion::arrow::datatypes::SchemaRef;
use datafusion::common::internal_err;
use datafusion::error::Result;
use datafusion::execution::TaskContext;
use datafusion::physical_expr::EquivalenceProperties;
use datafusion::physical_plan::coop::make_cooperative;
use datafusion::physical_plan::execution_plan::{Boundedness, EmissionType, SchedulingType};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{
    DisplayAs, DisplayFormatType, ExecutionPlan, Partitioning, PlanProperties, SendableRecordBatchStream,
};

use crate::cache::Daily;
use crate::fetch::Reader;
use crate::inputs::no_inputs;
use crate::scan::Question;

/// Reads one view in one stream.
pub(crate) struct ScanExec {
    question: Question,
    schema: SchemaRef,
    reader: Arc<Reader>,
    tenant: Arc<str>,
    properties: Arc<PlanProperties>,
}

impl ScanExec {
    pub(crate) fn new(question: Question, schema: SchemaRef, reader: Arc<Reader>, tenant: Arc<str>) -> Self {
        let properties = PlanProperties::new(
            EquivalenceProperties::new(schema.clone()),
            Partitioning::UnknownPartitioning(1),
            EmissionType::Incremental,
            Boundedness::Bounded,
        )
        .with_scheduling_type(SchedulingType::Cooperative);
        Self { question, schema, reader, tenant, properties: Arc::new(properties) }
    }
}

impl ScanExec {
    /// What is read, with what, for whom.
    pub(crate) fn read(&self) -> (Question, Arc<Reader>, Arc<str>) {
        (self.question.clone(), Arc::clone(&self.reader), Arc::clone(&self.tenant))
    }
}

#[cfg(test)]
impl ScanExec {
    pub(crate) fn sql_for_tests(&self) -> String {
        self.question.sql(&self.tenant, |name| format!("headroom.{name}"))
    }
}

impl fmt::Debug for ScanExec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ScanExec({})", self.question)
    }
}

impl DisplayAs for ScanExec {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kept = if Daily::new(&self.question).is_some() { ", days kept" } else { "" };
        write!(f, "ScanExec: {}{kept}, sql={}", self.question, self.reader.sql(&self.question, &self.tenant))
    }
}

impl ExecutionPlan for ScanExec {
    fn name(&self) -> &'static str {
        "ScanExec"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    no_inputs!("a scan");

    fn execute(&self, partition: usize, _: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        if partition != 0 {
            return internal_err!("a scan has one partition, not {partition}");
        }
        let rows = self.reader.clone().read(&self.question, self.schema.clone(), &self.tenant);
        Ok(make_cooperative(Box::pin(RecordBatchStreamAdapter::new(self.schema.clone(), rows))))
    }
}

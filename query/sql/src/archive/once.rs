//! Takes rows that are the same once, of several days: an event that was sent again may have another time.

use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;

use datafusion::arrow::array::{Array, AsArray as _, BooleanArray, RecordBatch};
use datafusion::arrow::compute::filter_record_batch;
use datafusion::error::Result;
use datafusion::execution::TaskContext;
use datafusion::execution::memory_pool::MemoryConsumer;
use datafusion::physical_expr::EquivalenceProperties;
use datafusion::physical_plan::execution_plan::{Boundedness, EmissionType};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{
    DisplayAs, DisplayFormatType, ExecutionPlan, ExecutionPlanProperties as _, Partitioning, PlanProperties,
    SendableRecordBatchStream,
};
use futures::{StreamExt as _, stream};

use crate::catalog::View;
use crate::inputs::one_input;

/// Bytes that a row takes in memory, once it was seen: a hash in a table that is half empty at worst.
const SEEN: usize = 40;

/// Passes on the first row of those that agree in the columns that make a row of the view, in the order of its inputs:
/// the archive's days from the oldest on, then ClickHouse.
#[derive(Debug)]
pub(super) struct OnceExec {
    input: Arc<dyn ExecutionPlan>,
    keys: Vec<usize>,
    properties: Arc<PlanProperties>,
}

impl OnceExec {
    /// The rows of `input`, each once.
    pub(super) fn over(input: Arc<dyn ExecutionPlan>, view: &View) -> Result<Arc<dyn ExecutionPlan>> {
        let keys = view.columns.iter().filter(|column| view.once_by.contains(&column.from));
        let keys = keys.map(|column| input.schema().index_of(column.name)).collect::<Result<Vec<_>, _>>()?;
        Ok(Arc::new(Self::with(input, keys)))
    }

    fn with(input: Arc<dyn ExecutionPlan>, keys: Vec<usize>) -> Self {
        let properties = PlanProperties::new(
            EquivalenceProperties::new(input.schema()),
            Partitioning::UnknownPartitioning(1),
            EmissionType::Incremental,
            Boundedness::Bounded,
        );
        Self { input, keys, properties: Arc::new(properties) }
    }

    fn with_input(&self, input: Arc<dyn ExecutionPlan>) -> Self {
        Self::with(input, self.keys.clone())
    }
}

impl DisplayAs for OnceExec {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let schema = self.input.schema();
        let names: Vec<&str> = self.keys.iter().map(|key| schema.field(*key).name().as_str()).collect();
        write!(f, "OnceExec: by=[{}]", names.join(", "))
    }
}

impl ExecutionPlan for OnceExec {
    fn name(&self) -> &'static str {
        "OnceExec"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    one_input!();

    fn benefits_from_input_partitioning(&self) -> Vec<bool> {
        vec![false]
    }

    fn execute(&self, _: usize, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let parts = 0..self.input.output_partitioning().partition_count();
        let parts: Vec<_> =
            parts.map(|part| self.input.execute(part, context.clone())).collect::<Result<_>>()?;
        let room = MemoryConsumer::new("rows taken once").register(context.memory_pool());
        let (mut seen, keys) = (HashSet::new(), self.keys.clone());
        let rows = stream::iter(parts).flatten().map(move |batch| {
            let (batch, before) = (batch?, seen.len());
            let new = unseen(&batch, &keys, &mut seen);
            room.try_grow((seen.len() - before) * SEEN)?;
            Ok(filter_record_batch(&batch, &new)?)
        });
        Ok(Box::pin(RecordBatchStreamAdapter::new(self.input.schema(), rows)))
    }
}

/// Which rows of a batch are new. 128 bits of a hash stand for a row's keys: that two of a billion rows have the same by
/// chance is less likely than a fault of the memory.
fn unseen(batch: &RecordBatch, keys: &[usize], seen: &mut HashSet<[u8; 16]>) -> BooleanArray {
    let keys: Vec<_> = keys.iter().map(|key| batch.column(*key).as_string::<i32>()).collect();
    let new = |row| {
        let mut hash = blake3::Hasher::new();
        for key in &keys {
            let text = if key.is_null(row) { "" } else { key.value(row) };
            hash.update(&(text.len() as u64).to_le_bytes()).update(text.as_bytes());
        }
        let mut short = [0; 16];
        short.copy_from_slice(&hash.finalize().as_bytes()[..16]);
        Some(seen.insert(short))
    };
    (0..batch.num_rows()).map(new).collect()
}

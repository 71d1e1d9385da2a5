//! How large one value may be. A value that was put together of many is copied to every row it is joined with,
//! so that a large one would become far too much in one step.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use datafusion::arrow::array::{Array, ArrayRef, AsArray as _, OffsetSizeTrait, RecordBatch, make_array};
use datafusion::arrow::buffer::Buffer;
use datafusion::arrow::datatypes::DataType;
use datafusion::common::tree_node::{Transformed, TreeNode as _};
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::TaskContext;
use datafusion::execution::memory_pool::{MemoryConsumer, MemoryPool, MemoryReservation};
use datafusion::physical_plan::aggregates::{AggregateExec, AggregateMode};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{
    DisplayAs, DisplayFormatType, ExecutionPlan, PlanProperties, SendableRecordBatchStream,
};
use futures::StreamExt as _;

use crate::error::SqlError;
use crate::functions::is_growing;
use crate::inputs::one_input;

/// Most bytes of a text or a list that a function has put together.
pub(crate) const MOST: usize = 128 << 10;
/// Texts of a batch that are not worth counting.
const LITTLE: usize = 64 << 10;

/// Refuses values of `what` that are too large.
pub(crate) fn check(what: &str, values: &ArrayRef) -> Result<()> {
    let largest = match values.data_type() {
        DataType::Utf8 => longest(values.as_string::<i32>().value_offsets()),
        DataType::LargeUtf8 => longest(values.as_string::<i64>().value_offsets()),
        DataType::Utf8View => values.as_string_view().iter().flatten().map(str::len).max().unwrap_or(0),
        DataType::List(_) => {
            let bytes = |list: ArrayRef| list.to_data().get_slice_memory_size().unwrap_or(usize::MAX);
            values.as_list::<i32>().iter().flatten().map(bytes).max().unwrap_or(0)
        }
        _ => 0,
    };
    if largest <= MOST {
        return Ok(());
    }
    let what = format!("a value of {what} ({largest} bytes)");
    Err(DataFusionError::External(Box::new(SqlError::TooLarge { what, most: MOST })))
}

fn longest<O: OffsetSizeTrait>(offsets: &[O]) -> usize {
    offsets.windows(2).map(|pair| (pair[1] - pair[0]).as_usize()).max().unwrap_or(0)
}

/// Bytes that count in a memory pool as long as they live.
struct Counted {
    bytes: Buffer,
    _reservation: Arc<MemoryReservation>,
}

impl AsRef<[u8]> for Counted {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

/// The same texts, counted in the pool until the last of them is dropped; an error if there is no room for them.
pub(crate) fn counted(texts: ArrayRef, pool: &Arc<dyn MemoryPool>) -> Result<ArrayRef> {
    let size: usize = texts.to_data().buffers().iter().map(Buffer::len).sum();
    if !texts.data_type().is_string() || size <= LITTLE {
        return Ok(texts);
    }
    let reservation = Arc::new(MemoryConsumer::new("texts of functions").register(pool));
    reservation.try_grow(size)?;
    let count = |bytes: &Buffer| {
        let counted = Counted { bytes: bytes.clone(), _reservation: Arc::clone(&reservation) };
        Buffer::from(Bytes::from_owner(counted))
    };
    let data = texts.to_data();
    let buffers = data.buffers().iter().map(count).collect();
    Ok(make_array(data.into_builder().buffers(buffers).build()?))
}

/// The plan with the values looked at that aggregates put together of many.
pub(crate) fn with_bounds(plan: Arc<dyn ExecutionPlan>) -> Result<Arc<dyn ExecutionPlan>> {
    let changed = plan.transform_up(|node| {
        let columns = growing(&node);
        if columns.is_empty() {
            return Ok(Transformed::no(node));
        }
        Ok(Transformed::yes(Arc::new(BoundedExec { input: node, columns }) as Arc<dyn ExecutionPlan>))
    })?;
    Ok(changed.data)
}

/// The columns of finished aggregates whose values grow with every row.
fn growing(node: &Arc<dyn ExecutionPlan>) -> Vec<usize> {
    let any: &dyn std::any::Any = node.as_ref();
    let Some(aggregate) = any.downcast_ref::<AggregateExec>() else { return Vec::new() };
    if matches!(aggregate.mode(), AggregateMode::Partial | AggregateMode::PartialReduce) {
        return Vec::new();
    }
    // Keys come first.
    let keys = node.schema().fields().len() - aggregate.aggr_expr().len();
    let all = aggregate.aggr_expr().iter().enumerate();
    all.filter(|(_, one)| is_growing(one.fun().name())).map(|(index, _)| keys + index).collect()
}

/// Passes its input on, unless a value is too large.
#[derive(Debug)]
struct BoundedExec {
    input: Arc<dyn ExecutionPlan>,
    columns: Vec<usize>,
}

impl DisplayAs for BoundedExec {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BoundedExec: bytes={MOST}")
    }
}

impl ExecutionPlan for BoundedExec {
    fn name(&self) -> &'static str {
        "BoundedExec"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        self.input.properties()
    }

    fn maintains_input_order(&self) -> Vec<bool> {
        vec![true]
    }

    one_input!();

    fn execute(&self, partition: usize, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let columns = self.columns.clone();
        let rows = self.input.execute(partition, context)?;
        let rows = rows.map(move |batch| batch.and_then(|batch| checked(batch, &columns)));
        Ok(Box::pin(RecordBatchStreamAdapter::new(self.input.schema(), rows)))
    }
}

impl BoundedExec {
    fn with_input(&self, input: Arc<dyn ExecutionPlan>) -> Self {
        Self { input, columns: self.columns.clone() }
    }
}

fn checked(batch: RecordBatch, columns: &[usize]) -> Result<RecordBatch> {
    for column in columns {
        check(batch.schema_ref().field(*column).name(), batch.column(*column))?;
    }
    Ok(batch)
}

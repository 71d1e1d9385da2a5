//! How large one value may be. A value that was put together of many is copied to every row it is joined with,
//! so that a large one would become far too much in one step.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use datafusion::arrow::array::{Array, ArrayRef, AsArray as _, OffsetSizeTrait, RecordBatch, StringArray};
use datafusion::arrow::buffer::Buffer;
use datafusion::arrow::datatypes::{DataType, Schema};
use datafusion::common::internal_err;
use datafusion::common::tree_node::{Transformed, TreeNode as _, TreeNodeRecursion};
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::TaskContext;
use datafusion::execution::memory_pool::{MemoryConsumer, MemoryPool, MemoryReservation};
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_plan::aggregates::{AggregateExec, AggregateMode};
use datafusion::physical_plan::execution_plan::ReplaceChildrenOptions;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{
    DisplayAs, DisplayFormatType, ExecutionPlan, PlanProperties, SendableRecordBatchStream,
};
use futures::StreamExt as _;

use crate::error::SqlError;

/// Most bytes of a text or a list that a function has put together.
pub(crate) const MOST: usize = 256 << 10;
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
    _reservation: MemoryReservation,
}

impl AsRef<[u8]> for Counted {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

/// The same texts, counted in the pool until the last of them is dropped; an error if there is no room for them.
pub(crate) fn counted(texts: ArrayRef, pool: &Arc<dyn MemoryPool>) -> Result<ArrayRef> {
    let Some(strings) = texts.as_string_opt::<i32>().filter(|texts| texts.values().len() > LITTLE) else {
        return Ok(texts);
    };
    let (offsets, bytes, nulls) = strings.clone().into_parts();
    let reservation = MemoryConsumer::new("texts of functions").register(pool);
    reservation.try_grow(bytes.len())?;
    let bytes = Bytes::from_owner(Counted { bytes, _reservation: reservation });
    Ok(Arc::new(StringArray::try_new(offsets, bytes.into(), nulls)?))
}

/// The plan with every aggregate's values looked at.
pub(crate) fn with_bounds(plan: Arc<dyn ExecutionPlan>) -> Result<Arc<dyn ExecutionPlan>> {
    let changed = plan.transform_up(|node| {
        let any: &dyn std::any::Any = node.as_ref();
        let partial = matches!(
            any.downcast_ref::<AggregateExec>().map(AggregateExec::mode),
            None | Some(AggregateMode::Partial | AggregateMode::PartialReduce)
        );
        if partial || !grows(&node.schema()) {
            return Ok(Transformed::no(node));
        }
        Ok(Transformed::yes(Arc::new(BoundedExec { input: node }) as Arc<dyn ExecutionPlan>))
    })?;
    Ok(changed.data)
}

fn grows(schema: &Schema) -> bool {
    let text = |kind: &DataType| kind.is_string() || matches!(kind, DataType::List(_));
    schema.fields().iter().any(|field| text(field.data_type()))
}

/// Passes its input on, unless a value is too large.
#[derive(Debug)]
struct BoundedExec {
    input: Arc<dyn ExecutionPlan>,
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

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        vec![&self.input]
    }

    fn apply_expressions(
        &self,
        _: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        Ok(TreeNodeRecursion::Continue)
    }

    fn replace_children(
        self: Arc<Self>,
        children: Vec<Arc<dyn ExecutionPlan>>,
        _: ReplaceChildrenOptions,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        over(children)
    }

    fn with_new_children(
        self: Arc<Self>,
        children: Vec<Arc<dyn ExecutionPlan>>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        over(children)
    }

    fn execute(&self, partition: usize, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let rows = self.input.execute(partition, context)?.map(|batch| batch.and_then(checked));
        Ok(Box::pin(RecordBatchStreamAdapter::new(self.input.schema(), rows)))
    }
}

fn over(children: Vec<Arc<dyn ExecutionPlan>>) -> Result<Arc<dyn ExecutionPlan>> {
    match <[_; 1]>::try_from(children) {
        Ok([input]) => Ok(Arc::new(BoundedExec { input })),
        Err(children) => internal_err!("one input is needed, not {}", children.len()),
    }
}

fn checked(batch: RecordBatch) -> Result<RecordBatch> {
    for (column, field) in batch.columns().iter().zip(batch.schema().fields()) {
        check(field.name(), column)?;
    }
    Ok(batch)
}

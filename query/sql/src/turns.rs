//! Long work takes turns.
//!
//! A task is stopped, and others get their turn, only where it yields. Scans yield, but a join
//! has all of one side in memory and may compute for minutes between two rows that it asks
//! for, so that a statement nobody waits for any more would hold a thread. Here every join's
//! output yields now and then, and a join that compares each row with each row gets the rows
//! of its outer side few at a time, with a turn for others between them.

use std::fmt;
use std::sync::Arc;

use datafusion::arrow::array::RecordBatch;
use datafusion::common::internal_err;
use datafusion::common::tree_node::{Transformed, TreeNode as _};
use datafusion::error::Result;
use datafusion::execution::TaskContext;
use datafusion::physical_plan::coop::CooperativeExec;
use datafusion::physical_plan::joins::{
    CrossJoinExec, HashJoinExec, NestedLoopJoinExec, SortMergeJoinExec, SymmetricHashJoinExec,
};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{
    DisplayAs, DisplayFormatType, ExecutionPlan, PlanProperties, SendableRecordBatchStream,
};
use futures::{StreamExt as _, stream};

use crate::inputs::{one_input, recomputed};

/// Rows of the outer side that are compared with all of the inner side in one turn.
const ROWS_A_TURN: usize = 128;

/// The plan with turns in its joins.
pub(crate) fn with_turns(plan: Arc<dyn ExecutionPlan>) -> Result<Arc<dyn ExecutionPlan>> {
    let changed = plan.transform_up(|node| {
        if node.is::<CrossJoinExec>() || node.is::<NestedLoopJoinExec>() {
            let children: Vec<_> = node.children().into_iter().cloned().collect();
            let [left, right] = children.as_slice() else { return internal_err!("a join has two inputs") };
            let few = Arc::new(FewRowsExec { input: Arc::clone(right) });
            let join = node.replace_children(vec![Arc::clone(left), few], recomputed())?;
            return Ok(Transformed::yes(Arc::new(CooperativeExec::new(join)) as Arc<dyn ExecutionPlan>));
        }
        let joins =
            node.is::<HashJoinExec>() || node.is::<SortMergeJoinExec>() || node.is::<SymmetricHashJoinExec>();
        if joins {
            return Ok(Transformed::yes(Arc::new(CooperativeExec::new(node)) as Arc<dyn ExecutionPlan>));
        }
        Ok(Transformed::no(node))
    })?;
    Ok(changed.data)
}

/// Passes its input on, a few rows at a time, and yields after each portion.
#[derive(Debug)]
struct FewRowsExec {
    input: Arc<dyn ExecutionPlan>,
}

impl DisplayAs for FewRowsExec {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FewRowsExec: rows={ROWS_A_TURN}")
    }
}

impl ExecutionPlan for FewRowsExec {
    fn name(&self) -> &'static str {
        "FewRowsExec"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        self.input.properties()
    }

    fn maintains_input_order(&self) -> Vec<bool> {
        vec![true]
    }

    one_input!();

    fn execute(&self, partition: usize, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let input = self.input.execute(partition, context)?;
        let few = input.flat_map(|batch| stream::iter(portions(batch))).then(|portion| async {
            tokio::task::yield_now().await;
            portion
        });
        Ok(Box::pin(RecordBatchStreamAdapter::new(self.input.schema(), few)))
    }
}

impl FewRowsExec {
    fn with_input(_: &Self, input: Arc<dyn ExecutionPlan>) -> Self {
        Self { input }
    }
}

fn portions(batch: Result<RecordBatch>) -> Vec<Result<RecordBatch>> {
    match batch {
        Ok(batch) => (0..batch.num_rows())
            .step_by(ROWS_A_TURN)
            .map(|from| Ok(batch.slice(from, ROWS_A_TURN.min(batch.num_rows() - from))))
            .collect(),
        Err(error) => vec![Err(error)],
    }
}

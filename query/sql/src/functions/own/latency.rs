//! `latency_quantile(q, bucket, spans)`: a quantile of durations, of the rows of `latency_buckets`.

use datafusion::arrow::array::{ArrayRef, AsArray as _};
use datafusion::arrow::datatypes::{DataType, Int64Type};
use datafusion::common::Result;
use datafusion::logical_expr::AggregateUDF;
use headroom_query::latency::Buckets;
use serde::{Deserialize, Serialize};

use super::gather::{Gather, aggregate, floats};

/// In nanoseconds, interpolated within its bucket, at most 4.4 % from the exact one. NULL where nothing was counted or
/// `q` is not between 0 and 1.
pub(super) fn latency_quantile() -> AggregateUDF {
    let columns = vec![DataType::Float64, DataType::Int64, DataType::Float64];
    aggregate::<Counts>("latency_quantile", columns)
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Counts {
    q: Option<f64>,
    counts: Vec<(i16, u64)>,
}

impl Counts {
    fn buckets(&self) -> Buckets {
        self.counts.iter().copied().collect()
    }

    fn add(&mut self, more: impl IntoIterator<Item = (i16, u64)>) {
        let mut buckets = self.buckets();
        more.into_iter().for_each(|(bucket, n)| buckets.add(bucket, n));
        self.counts = buckets.iter().collect();
    }
}

impl Gather for Counts {
    fn rows(&mut self, columns: &[ArrayRef]) -> Result<()> {
        self.q = floats(&columns[0]).flatten().last().or(self.q);
        let rows = columns[1].as_primitive::<Int64Type>().iter().zip(floats(&columns[2]));
        let counted = rows.filter_map(|(bucket, n)| Some((i16::try_from(bucket?).ok()?, n?)));
        // A float holds each count that a platform ever has, and takes those of any numeric column.
        self.add(
            counted.filter(|(_, n)| *n >= 1.0).map(|(bucket, n)| (bucket, n as u64)).collect::<Vec<_>>(),
        );
        Ok(())
    }

    fn merge(&mut self, other: Self) {
        self.q = self.q.or(other.q);
        self.add(other.counts);
    }

    fn len(&self) -> usize {
        self.counts.len()
    }

    fn answer(&self) -> Option<f64> {
        Some(self.buckets().quantile(self.q?)?.value_ns)
    }
}

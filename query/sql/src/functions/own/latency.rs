//! `latency_quantile(q, bucket, spans)`: a quantile of durations, of the rows of `latency_buckets`.

use datafusion::arrow::array::{ArrayRef, AsArray as _};
use datafusion::arrow::datatypes::{DataType, Int64Type};
use datafusion::common::Result;
use datafusion::error::DataFusionError;
use datafusion::logical_expr::AggregateUDF;
use headroom_query::latency::Buckets;
use serde::{Deserialize, Serialize};

use crate::error::SqlError;

use super::gather::{Gather, aggregate, floats};

/// What it is called.
pub(crate) const NAME: &str = "latency_quantile";

/// In nanoseconds, interpolated within its bucket, at most 4.4 % from the exact one. NULL where nothing was counted or
/// `q` is not between 0 and 1.
pub(super) fn latency_quantile() -> AggregateUDF {
    let columns = vec![DataType::Float64, DataType::Int64, DataType::Float64];
    aggregate::<Counts>(NAME, columns)
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Counts {
    q: Option<f64>,
    counts: Vec<(i16, u64)>,
}

/// Up to here a float has each whole number, and takes those of any numeric column.
const EXACT: f64 = 9_007_199_254_740_992.0;

impl Counts {
    /// One group has one quantile.
    fn asks(&mut self, q: f64) -> Result<()> {
        match self.q.replace(q) {
            Some(before) if before.to_bits() != q.to_bits() => {
                Err(value(&format!("it is asked for {before} and for {q} of one group")))
            }
            _ => Ok(()),
        }
    }

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
        for q in floats(&columns[0]).flatten() {
            self.asks(q)?;
        }
        let rows = columns[1].as_primitive::<Int64Type>().iter().zip(floats(&columns[2]));
        let mut counted = Vec::new();
        for (bucket, n) in rows {
            let (Some(bucket), Some(n)) = (bucket, n) else { continue };
            let bucket = i16::try_from(bucket).map_err(|_| value(&format!("there is no bucket {bucket}")))?;
            if !(0.0..EXACT).contains(&n) {
                return Err(value(&format!("{n} is no number of spans")));
            }
            counted.push((bucket, n as u64));
        }
        self.add(counted);
        Ok(())
    }

    fn merge(&mut self, other: Self) -> Result<()> {
        self.add(other.counts);
        other.q.map_or(Ok(()), |q| self.asks(q))
    }

    fn len(&self) -> usize {
        self.counts.len()
    }

    fn answer(&self) -> Option<f64> {
        Some(self.buckets().quantile(self.q?)?.value_ns)
    }
}

fn value(why: &str) -> DataFusionError {
    DataFusionError::External(Box::new(SqlError::Value(format!("{NAME}(): {why}"))))
}

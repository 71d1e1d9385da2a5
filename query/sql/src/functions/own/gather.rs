//! Aggregates that look at all their rows at the end.

use std::fmt::Debug;
use std::sync::Arc;

use datafusion::arrow::array::{Array as _, ArrayRef, AsArray as _};
use datafusion::arrow::datatypes::DataType;
use datafusion::common::Result;
use datafusion::common::cast::as_binary_array;
use datafusion::error::DataFusionError;
use datafusion::logical_expr::{Accumulator, AggregateUDF, Volatility, create_udaf};
use datafusion::scalar::ScalarValue;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::SqlError;

/// What is gathered of the rows of a group.
pub(super) trait Gather:
    Debug + Default + Serialize + DeserializeOwned + Send + Sync + 'static
{
    /// Takes the rows of a batch; the columns are of the types that were asked for.
    fn rows(&mut self, columns: &[ArrayRef]) -> Result<()>;
    /// Takes all that another has gathered.
    fn merge(&mut self, other: Self);
    /// How many things are held.
    fn len(&self) -> usize;
    /// The answer; none where there is no honest one.
    fn answer(&self) -> Option<f64>;
}

/// Most things that one group may hold.
const MOST: usize = 200_000;

/// An aggregate of such columns that gives a float.
pub(super) fn aggregate<G: Gather>(name: &str, columns: Vec<DataType>) -> AggregateUDF {
    create_udaf(
        name,
        columns,
        Arc::new(DataType::Float64),
        Volatility::Immutable,
        Arc::new(|_| Ok(Box::new(Gathered(G::default())))),
        Arc::new(vec![DataType::Binary]),
    )
}

#[derive(Debug)]
struct Gathered<G>(G);

impl<G: Gather> Gathered<G> {
    fn check(&self) -> Result<()> {
        if self.0.len() <= MOST {
            return Ok(());
        }
        let what = "what one group of this aggregate holds".to_owned();
        Err(DataFusionError::External(Box::new(SqlError::TooLarge {
            what,
            most: MOST * size_of::<[u64; 3]>(),
        })))
    }
}

impl<G: Gather> Accumulator for Gathered<G> {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        self.0.rows(values)?;
        self.check()
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        Ok(ScalarValue::Float64(self.0.answer()))
    }

    fn size(&self) -> usize {
        size_of::<Self>() + self.0.len() * size_of::<[u64; 3]>()
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        let told = serde_json::to_vec(&self.0).map_err(|error| DataFusionError::External(Box::new(error)))?;
        Ok(vec![ScalarValue::Binary(Some(told))])
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        for told in as_binary_array(&states[0])?.iter().flatten() {
            let other =
                serde_json::from_slice(told).map_err(|error| DataFusionError::External(Box::new(error)))?;
            self.0.merge(other);
        }
        self.check()
    }
}

/// The floats of a column; NULL is none.
pub(super) fn floats(column: &ArrayRef) -> impl Iterator<Item = Option<f64>> {
    column.as_primitive::<datafusion::arrow::datatypes::Float64Type>().iter()
}

/// The days of a column of times in UTC; NULL is none.
pub(super) fn days(column: &ArrayRef) -> impl Iterator<Item = Option<chrono::NaiveDate>> {
    let times = column.as_primitive::<datafusion::arrow::datatypes::TimestampNanosecondType>();
    (0..times.len()).map(|row| {
        let at = (!times.is_null(row)).then(|| chrono::DateTime::from_timestamp_nanos(times.value(row)));
        at.map(|at| at.date_naive())
    })
}

//! Aggregates that look at all their rows at the end.

use std::fmt::Debug;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::sync::Arc;

use datafusion::arrow::array::{Array as _, ArrayRef, AsArray as _};
use datafusion::arrow::compute::can_cast_types;
use datafusion::arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::common::cast::as_binary_array;
use datafusion::common::{Result, plan_err};
use datafusion::error::DataFusionError;
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::{Accumulator, AggregateUDF, AggregateUDFImpl, Signature, Volatility};
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
    fn merge(&mut self, other: Self) -> Result<()>;
    /// How many things are held.
    fn len(&self) -> usize;
    /// The answer; none where there is no honest one.
    fn answer(&self) -> Option<f64>;
}

/// Most things that one group may hold.
const MOST: usize = 200_000;

/// An aggregate that gives a float of such columns, or of others that can be cast to them.
pub(super) fn aggregate<G: Gather>(name: &'static str, columns: Vec<DataType>) -> AggregateUDF {
    let signature = Signature::user_defined(Volatility::Immutable);
    AggregateUDF::from(Named::<G> { name, columns, signature, gathers: PhantomData })
}

#[derive(Debug)]
struct Named<G> {
    name: &'static str,
    columns: Vec<DataType>,
    signature: Signature,
    gathers: PhantomData<fn() -> G>,
}

impl<G> PartialEq for Named<G> {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl<G> Eq for Named<G> {}

impl<G> Hash for Named<G> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}

impl<G: Gather> AggregateUDFImpl for Named<G> {
    fn name(&self) -> &str {
        self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, types: &[DataType]) -> Result<Vec<DataType>> {
        let fit = types.len() == self.columns.len()
            && types.iter().zip(&self.columns).all(|(from, to)| can_cast_types(from, to));
        if fit {
            return Ok(self.columns.clone());
        }
        let wanted: Vec<String> = self.columns.iter().map(ToString::to_string).collect();
        plan_err!("{}() takes ({})", self.name, wanted.join(", "))
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Float64)
    }

    fn accumulator(&self, args: AccumulatorArgs<'_>) -> Result<Box<dyn Accumulator>> {
        if args.is_distinct {
            return plan_err!("{}() takes no DISTINCT: ask for the distinct rows in a subquery", self.name);
        }
        Ok(Box::new(Gathered(G::default())))
    }

    fn state_fields(&self, args: StateFieldsArgs<'_>) -> Result<Vec<FieldRef>> {
        Ok(vec![Arc::new(Field::new(format!("{} so far", args.name), DataType::Binary, true))])
    }
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
            self.0.merge(other)?;
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

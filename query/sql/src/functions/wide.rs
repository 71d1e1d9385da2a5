//! Sums and averages that are computed in a type too wide to overflow, and fail where the result does not fit.

use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, BooleanArray};
use datafusion::arrow::compute::{CastOptions, cast_with_options};
use datafusion::arrow::datatypes::{DataType, Field, FieldRef};
use datafusion::common::{Result, plan_err};
use datafusion::error::DataFusionError;
use datafusion::functions_aggregate::{average, sum};
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::utils::AggregateOrderSensitivity;
use datafusion::logical_expr::{
    Accumulator, AggregateUDF, AggregateUDFImpl, EmitTo, GroupsAccumulator, ReversedUDAF, Signature,
    Volatility,
};
use datafusion::scalar::ScalarValue;

use super::exact::ANY_INTEGER;
use crate::error::SqlError;

/// Decimals up to this many digits are added up as they are: there are not rows enough to overflow.
const SHORT: u8 = 28;

/// `sum`: of integers it is numeric, as in Postgres.
pub(super) fn sum() -> AggregateUDF {
    Wide::over(sum::sum_udaf(), ANY_INTEGER)
}

/// `avg`: of integers it is double precision.
pub(super) fn avg() -> AggregateUDF {
    Wide::over(average::avg_udaf(), DataType::Float64)
}

/// An aggregate of DataFusion's, over a wider type.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Wide {
    inner: Arc<AggregateUDF>,
    /// What integers are taken as.
    integers: DataType,
    signature: Signature,
}

/// The type that a type is computed in.
fn wider(from: &DataType) -> DataType {
    match from {
        DataType::Decimal128(digits, scale) if *digits > SHORT => DataType::Decimal256(76, *scale),
        DataType::Duration(_) => ANY_INTEGER,
        other => other.clone(),
    }
}

impl Wide {
    fn over(inner: Arc<AggregateUDF>, integers: DataType) -> AggregateUDF {
        AggregateUDF::from(Self {
            inner,
            integers,
            signature: Signature::user_defined(Volatility::Immutable),
        })
    }

    /// What the inner aggregate is told of its arguments.
    fn with_inner<T>(
        &self,
        args: &AccumulatorArgs<'_>,
        ask: impl FnOnce(&AggregateUDF, AccumulatorArgs<'_>) -> Result<T>,
    ) -> Result<T> {
        let fields = widened(args.expr_fields);
        let return_field = self.inner.return_field(&fields)?;
        ask(&self.inner, AccumulatorArgs { expr_fields: &fields, return_field, ..*args })
    }

    fn narrow(&self, args: &AccumulatorArgs<'_>) -> Narrow {
        Narrow {
            name: self.inner.name().to_owned(),
            from: args.expr_fields[0].data_type().clone(),
            to: args.return_type().clone(),
        }
    }
}

fn widened(fields: &[FieldRef]) -> Vec<FieldRef> {
    let wide =
        |field: &FieldRef| Arc::new(Field::new(field.name(), wider(field.data_type()), field.is_nullable()));
    fields.iter().map(wide).collect()
}

impl AggregateUDFImpl for Wide {
    fn name(&self) -> &str {
        self.inner.name()
    }

    fn aliases(&self) -> &[String] {
        self.inner.aliases()
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, types: &[DataType]) -> Result<Vec<DataType>> {
        let [one] = types else {
            return plan_err!("{} takes one argument, not {}", self.name(), types.len());
        };
        Ok(vec![match one {
            DataType::Null => self.integers.clone(),
            whole if whole.is_integer() => self.integers.clone(),
            // An average of integers has digits behind the point, also where they are numeric.
            DataType::Decimal128(_, 0) if self.integers == DataType::Float64 => DataType::Float64,
            float if float.is_floating() => DataType::Float64,
            DataType::Decimal128(..) | DataType::Duration(_) => one.clone(),
            other => {
                return plan_err!("{} of {other} is not offered: cast the argument to a number", self.name());
            }
        }])
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        self.inner.return_type(types)
    }

    fn accumulator(&self, args: AccumulatorArgs<'_>) -> Result<Box<dyn Accumulator>> {
        let narrow = self.narrow(&args);
        let inner = self.with_inner(&args, AggregateUDF::accumulator)?;
        Ok(Box::new(Rows { inner, narrow }))
    }

    fn create_sliding_accumulator(&self, args: AccumulatorArgs<'_>) -> Result<Box<dyn Accumulator>> {
        let narrow = self.narrow(&args);
        let inner = self.with_inner(&args, AggregateUDF::create_sliding_accumulator)?;
        Ok(Box::new(Rows { inner, narrow }))
    }

    fn groups_accumulator_supported(&self, args: AccumulatorArgs<'_>) -> bool {
        self.with_inner(&args, |inner, args| Ok(inner.groups_accumulator_supported(args))).unwrap_or(false)
    }

    fn create_groups_accumulator(&self, args: AccumulatorArgs<'_>) -> Result<Box<dyn GroupsAccumulator>> {
        let narrow = self.narrow(&args);
        let inner = self.with_inner(&args, AggregateUDF::create_groups_accumulator)?;
        Ok(Box::new(Groups { inner, narrow }))
    }

    fn state_fields(&self, args: StateFieldsArgs<'_>) -> Result<Vec<FieldRef>> {
        let fields = widened(args.input_fields);
        let return_field = self.inner.return_field(&fields)?;
        self.inner.state_fields(StateFieldsArgs { input_fields: &fields, return_field, ..args })
    }

    fn reverse_expr(&self) -> ReversedUDAF {
        ReversedUDAF::Identical
    }

    fn order_sensitivity(&self) -> AggregateOrderSensitivity {
        AggregateOrderSensitivity::Insensitive
    }
}

/// The way into the wide type and back.
#[derive(Debug)]
struct Narrow {
    name: String,
    from: DataType,
    to: DataType,
}

const EXACT: CastOptions<'static> =
    CastOptions { safe: false, format_options: datafusion::arrow::util::display::FormatOptions::new() };

impl Narrow {
    fn widen(&self, values: &[ArrayRef]) -> Result<Vec<ArrayRef>> {
        let wide = wider(&self.from);
        let cast = |values: &ArrayRef| -> Result<ArrayRef> {
            if *values.data_type() == wide {
                return Ok(Arc::clone(values));
            }
            // Durations become numbers by way of integers.
            let values = match values.data_type() {
                DataType::Duration(_) => &cast_with_options(values, &DataType::Int64, &EXACT)?,
                _ => values,
            };
            Ok(cast_with_options(values, &wide, &EXACT)?)
        };
        values.iter().map(cast).collect()
    }

    fn back(&self, result: &ArrayRef) -> Result<ArrayRef> {
        if *result.data_type() == self.to {
            return Ok(Arc::clone(result));
        }
        let narrowed = match self.to {
            DataType::Duration(_) => cast_with_options(result, &DataType::Int64, &EXACT)
                .and_then(|whole| cast_with_options(&whole, &self.to, &EXACT)),
            _ => cast_with_options(result, &self.to, &EXACT),
        };
        let too_large = |_| {
            let words = format!("{}() does not fit {}", self.name, self.to);
            DataFusionError::External(Box::new(SqlError::Overflow(words)))
        };
        narrowed.map_err(too_large)
    }
}

#[derive(Debug)]
struct Rows {
    inner: Box<dyn Accumulator>,
    narrow: Narrow,
}

impl Accumulator for Rows {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        self.inner.update_batch(&self.narrow.widen(values)?)
    }

    fn retract_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        self.inner.retract_batch(&self.narrow.widen(values)?)
    }

    fn supports_retract_batch(&self) -> bool {
        self.inner.supports_retract_batch()
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        self.inner.merge_batch(states)
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        self.inner.state()
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        let result = self.inner.evaluate()?.to_array()?;
        ScalarValue::try_from_array(&self.narrow.back(&result)?, 0)
    }

    fn size(&self) -> usize {
        self.inner.size()
    }
}

struct Groups {
    inner: Box<dyn GroupsAccumulator>,
    narrow: Narrow,
}

impl GroupsAccumulator for Groups {
    fn update_batch(
        &mut self,
        values: &[ArrayRef],
        groups: &[usize],
        filter: Option<&BooleanArray>,
        count: usize,
    ) -> Result<()> {
        self.inner.update_batch(&self.narrow.widen(values)?, groups, filter, count)
    }

    fn merge_batch(&mut self, states: &[ArrayRef], groups: &[usize], count: usize) -> Result<()> {
        self.inner.merge_batch(states, groups, count)
    }

    fn state(&mut self, emit: EmitTo) -> Result<Vec<ArrayRef>> {
        self.inner.state(emit)
    }

    fn convert_to_state(&self, values: &[ArrayRef], filter: Option<&BooleanArray>) -> Result<Vec<ArrayRef>> {
        self.inner.convert_to_state(&self.narrow.widen(values)?, filter)
    }

    fn evaluate(&mut self, emit: EmitTo) -> Result<ArrayRef> {
        let result = self.inner.evaluate(emit)?;
        self.narrow.back(&result)
    }

    fn size(&self) -> usize {
        self.inner.size()
    }
}

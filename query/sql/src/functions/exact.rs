//! Arithmetic of integers that fails where the result does not fit.
//!
//! DataFusion's own operators wrap around without a word. Here they are functions: two integers of 64 bits with
//! a sign give one, or an error. Where one of them has no sign, both are numeric first, so that `a - b` may be
//! less than nothing.

use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, AsArray as _};
use datafusion::arrow::compute::kernels::arity::try_binary;
use datafusion::arrow::compute::kernels::numeric;
use datafusion::arrow::datatypes::{DataType, Decimal128Type};
use datafusion::arrow::error::ArrowError;
use datafusion::common::{Result, exec_err};
use datafusion::logical_expr::{
    ColumnarValue, Expr, Operator, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility, cast,
    lit,
};
use datafusion::physical_expr_common::datum::apply;
use datafusion::scalar::ScalarValue;

/// Holds every integer of 64 bits, with a sign or without.
pub(crate) const ANY_INTEGER: DataType = DataType::Decimal128(20, 0);

/// One operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Operation {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
}

impl Operation {
    fn sign(self) -> &'static str {
        match self {
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::Divide => "/",
            Self::Remainder => "%",
        }
    }
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Exact {
    operation: Operation,
    signature: Signature,
}

/// What to do for an operator between these types, if both are integers and DataFusion's own will not do.
pub(super) fn operation(op: Operator, types: [&DataType; 2]) -> Option<Operation> {
    let unsigned = types.contains(&&DataType::UInt64);
    let operation = match op {
        Operator::Plus => Operation::Add,
        Operator::Minus => Operation::Subtract,
        Operator::Multiply => Operation::Multiply,
        Operator::Divide if unsigned => Operation::Divide,
        Operator::Modulo if unsigned => Operation::Remainder,
        _ => return None,
    };
    types.iter().all(|one| one.is_integer()).then_some(operation)
}

/// `-expr`, where that is an integer.
pub(super) fn negated(expr: Expr) -> Expr {
    call(Operation::Subtract, Expr::Literal(ScalarValue::Int64(Some(0)), None), expr)
}

/// A moment from seconds since 1970 that are a float: what is too far away fails, where DataFusion's own function
/// gives the last moment there is.
pub(super) fn moment(seconds: Expr, wanted: DataType) -> Expr {
    cast(cast(seconds * lit(1e9), DataType::Int64), wanted)
}

/// `left op right`.
pub(super) fn call(operation: Operation, left: Expr, right: Expr) -> Expr {
    let signature = Signature::user_defined(Volatility::Immutable);
    ScalarUDF::from(Exact { operation, signature }).call(vec![left, right])
}

impl ScalarUDFImpl for Exact {
    fn name(&self) -> &str {
        self.operation.sign()
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, types: &[DataType]) -> Result<Vec<DataType>> {
        let plain = types.iter().all(|one| one.is_integer() && *one != DataType::UInt64);
        Ok(vec![if plain { DataType::Int64 } else { ANY_INTEGER }; types.len()])
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        Ok(match (types.first(), self.operation) {
            (Some(DataType::Int64), _) => DataType::Int64,
            (_, Operation::Add | Operation::Subtract) => DataType::Decimal128(21, 0),
            (_, Operation::Multiply) => DataType::Decimal128(38, 0),
            (_, Operation::Divide | Operation::Remainder) => ANY_INTEGER,
        })
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let [left, right] = args.args.as_slice() else { return exec_err!("an operator has two sides") };
        let wanted = args.return_type();
        match self.operation {
            Operation::Add => apply(left, right, numeric::add),
            Operation::Subtract => apply(left, right, numeric::sub),
            Operation::Multiply => apply(left, right, numeric::mul),
            Operation::Remainder => apply(left, right, numeric::rem),
            Operation::Divide => {
                let (left, right) = (left.to_array(args.number_rows)?, right.to_array(args.number_rows)?);
                Ok(ColumnarValue::Array(quotient(&left, &right)?))
            }
        }?
        .cast_to(wanted, None)
    }
}

/// As integers are divided: cut off towards zero.
fn quotient(left: &ArrayRef, right: &ArrayRef) -> Result<ArrayRef, ArrowError> {
    let (left, right) = (left.as_primitive::<Decimal128Type>(), right.as_primitive::<Decimal128Type>());
    let divided = try_binary::<_, _, _, Decimal128Type>(left, right, |a: i128, b: i128| {
        a.checked_div(b).ok_or(ArrowError::DivideByZero)
    })?;
    Ok(Arc::new(divided.with_data_type(ANY_INTEGER)))
}

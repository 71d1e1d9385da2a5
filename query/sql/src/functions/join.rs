//! `a || b` as a function.

use std::sync::Arc;

use datafusion::arrow::array::{AsArray as _, StringBuilder};
use datafusion::arrow::datatypes::DataType;
use datafusion::common::{Result, exec_err};
use datafusion::logical_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
};

/// Two texts, one after the other; NULL if one is.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct Join {
    signature: Signature,
}

impl Join {
    pub(super) fn function() -> ScalarUDF {
        ScalarUDF::from(Self { signature: Signature::user_defined(Volatility::Immutable) })
    }
}

impl ScalarUDFImpl for Join {
    fn name(&self) -> &'static str {
        "||"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, types: &[DataType]) -> Result<Vec<DataType>> {
        Ok(vec![DataType::Utf8; types.len()])
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Utf8)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let arrays = ColumnarValue::values_to_arrays(&args.args)?;
        let [left, right] = arrays.as_slice() else { return exec_err!("|| has two sides") };
        let (left, right) = (left.as_string::<i32>(), right.as_string::<i32>());
        let mut joined = StringBuilder::new();
        for (left, right) in left.iter().zip(right) {
            joined.append_option(left.zip(right).map(|(left, right)| format!("{left}{right}")));
        }
        Ok(ColumnarValue::Array(Arc::new(joined.finish())))
    }
}

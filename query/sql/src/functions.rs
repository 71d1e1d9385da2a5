//! Functions of Headroom's own, and the few that Postgres clients ask at once.

use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, StringBuilder};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::DataType;
use datafusion::common::Result;
use datafusion::logical_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, TypeSignature, Volatility,
};
use datafusion::prelude::SessionContext;
use datafusion::scalar::ScalarValue;

/// Name of the function that reads one attribute.
pub(crate) const ATTR: &str = "attr";

/// Functions that make much out of little. What a scalar function allocates is seen by no memory pool, and
/// nothing can stop it half way, so they are not offered. (As a table, `generate_series` streams and stays.)
const GROWING: [&str; 9] = [
    "repeat",
    "lpad",
    "rpad",
    "array_repeat",
    "list_repeat",
    "array_resize",
    "list_resize",
    "generate_series",
    "range",
];

/// Adds the functions to a session of `user`.
pub(crate) fn register(context: &SessionContext, user: &str) {
    for name in GROWING {
        context.deregister_udf(name);
    }
    context.register_udf(ScalarUDF::from(Attr::new()));
    let version = format!("PostgreSQL 16.6 compatible (Headroom {})", env!("CARGO_PKG_VERSION"));
    for (name, value) in [
        ("version", version.as_str()),
        ("current_database", "headroom"),
        ("current_schema", "public"),
        ("current_user", user),
        ("session_user", user),
    ] {
        context.register_udf(ScalarUDF::from(Constant::new(name, value)));
    }
}

/// `attr(attributes, 'key')`: one value of a JSON object as text; NULL where it is missing.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Attr {
    signature: Signature,
}

impl Attr {
    fn new() -> Self {
        let texts = TypeSignature::Exact(vec![DataType::Utf8, DataType::Utf8]);
        Self { signature: Signature::new(texts, Volatility::Immutable) }
    }
}

impl ScalarUDFImpl for Attr {
    fn name(&self) -> &'static str {
        ATTR
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Utf8)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let arrays = ColumnarValue::values_to_arrays(&args.args)?;
        let [objects, keys] = [0, 1].map(|n| cast(&arrays[n], &DataType::Utf8));
        let (objects, keys) = (objects?, keys?);
        let (objects, keys) = (objects.as_string::<i32>(), keys.as_string::<i32>());
        let mut values = StringBuilder::new();
        for row in 0..objects.len() {
            if objects.is_null(row) || keys.is_null(row) {
                values.append_null();
            } else {
                values.append_option(read(objects.value(row), keys.value(row)));
            }
        }
        Ok(ColumnarValue::Array(Arc::new(values.finish()) as ArrayRef))
    }
}

fn read(object: &str, key: &str) -> Option<String> {
    let mut object: serde_json::Map<String, serde_json::Value> = serde_json::from_str(object).ok()?;
    match object.remove(key)? {
        serde_json::Value::Null => None,
        serde_json::Value::String(text) => Some(text),
        other => Some(other.to_string()),
    }
}

/// A function without arguments that always says the same.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Constant {
    name: &'static str,
    value: String,
    signature: Signature,
}

impl Constant {
    fn new(name: &'static str, value: &str) -> Self {
        Self { name, value: value.to_owned(), signature: Signature::nullary(Volatility::Stable) }
    }
}

impl ScalarUDFImpl for Constant {
    fn name(&self) -> &str {
        self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Utf8)
    }

    fn invoke_with_args(&self, _: ScalarFunctionArgs) -> Result<ColumnarValue> {
        Ok(ColumnarValue::Scalar(ScalarValue::Utf8(Some(self.value.clone()))))
    }
}

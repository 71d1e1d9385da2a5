//! Functions of Headroom's own, and the few that Postgres clients ask at once.

mod arrow;
mod bounded;
mod exact;
mod join;
mod offered;
mod own;
mod rule;
mod wide;

use std::fmt;
use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, StringBuilder};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::DataType;
use datafusion::common::Result;
use datafusion::execution::memory_pool::MemoryPool;
use datafusion::logical_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, TypeSignature, Volatility,
};
use datafusion::optimizer::{Analyzer, AnalyzerRule};
use datafusion::prelude::SessionContext;
use datafusion::scalar::ScalarValue;
use serde::de::{Deserializer as _, IgnoredAny, MapAccess, Visitor};

pub(crate) use exact::ANY_INTEGER;
pub(crate) use offered::{check, check_call, check_table, is_growing};
pub(crate) use own::LATENCY_QUANTILE;

/// Name of the function that reads one attribute.
pub(crate) const ATTR: &str = "attr";

/// Adds the functions to a session of `user`.
pub(crate) fn register(context: &mut SessionContext, user: &str) -> Result<()> {
    keep_offered(context);
    context.register_udaf(wide::sum());
    context.register_udaf(wide::avg());
    own::register(context);
    let attr = Arc::new(ScalarUDF::from(Attr::new()));
    context.register_udf(ScalarUDF::clone(&attr));
    datafusion::execution::FunctionRegistry::register_expr_planner(context, Arc::new(arrow::Arrow(attr)))?;
    register_session(context, user);
    Ok(())
}

/// Adds what a session says of itself.
pub(crate) fn register_session(context: &SessionContext, user: &str) {
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

/// The rules by which a plan is made ready: operators that fail and functions that are bounded, then DataFusion's own.
pub(crate) fn rules(pool: &Arc<dyn MemoryPool>) -> Vec<Arc<dyn AnalyzerRule + Send + Sync>> {
    let own: Arc<dyn AnalyzerRule + Send + Sync> = Arc::new(rule::Operators { pool: Arc::clone(pool) });
    std::iter::once(own).chain(Analyzer::new().rules).collect()
}

/// Takes away what is not offered, so that `SHOW FUNCTIONS` shows what there is.
fn keep_offered(context: &SessionContext) {
    let state = context.state();
    let not_in = |names: &'static str| move |name: &&String| !offered::lists(names, name);
    for name in state.scalar_functions().keys().filter(not_in(offered::SCALAR)) {
        context.deregister_udf(name);
    }
    for name in state.aggregate_functions().keys().filter(not_in(offered::AGGREGATE)) {
        context.deregister_udaf(name);
    }
    for name in state.window_functions().keys().filter(not_in(offered::WINDOW)) {
        context.deregister_udwf(name);
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

/// The first value of the key, as ClickHouse finds it: a key may have been sent twice.
fn read(object: &str, key: &str) -> Option<String> {
    let mut reader = serde_json::Deserializer::from_str(object);
    match reader.deserialize_map(First(key)).ok()?? {
        serde_json::Value::Null => None,
        serde_json::Value::String(text) => Some(text),
        other => Some(other.to_string()),
    }
}

struct First<'a>(&'a str);

impl<'de> Visitor<'de> for First<'_> {
    type Value = Option<serde_json::Value>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
        let mut found = None;
        while let Some(key) = entries.next_key::<String>()? {
            if key == self.0 && found.is_none() {
                found = Some(entries.next_value()?);
            } else {
                entries.next_value::<IgnoredAny>()?;
            }
        }
        Ok(found)
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

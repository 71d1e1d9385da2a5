//! Functions that give text or lists of their own: they know before how much may come of them, work on a few rows
//! at a time, fail where a value or all values of a batch become too large, and count what they gave in the memory
//! of all statements.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray as _};
use datafusion::arrow::compute::concat;
use datafusion::arrow::datatypes::{DataType, FieldRef};
use datafusion::common::Result;
use datafusion::common::tree_node::Transformed;
use datafusion::error::DataFusionError;
use datafusion::execution::memory_pool::MemoryPool;
use datafusion::logical_expr::{
    ColumnarValue, Expr, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature,
};

use super::join::Join;
use crate::error::SqlError;
use crate::values;

/// Most bytes that the values of one call may have together, for one batch of rows.
const MOST_BYTES: usize = 64 << 20;
/// Bytes that may come of the rows that are worked on at once.
const PORTION: usize = 8 << 20;

/// The most that a call can give for one row.
#[derive(Debug, Clone, Copy)]
enum Growth {
    /// Its arguments, one after the other.
    Joined,
    /// The same, with the first argument between them.
    Separated,
    /// So many bytes for each byte of the first argument.
    Times(usize),
    /// The third argument in the place of each match of the second.
    Replaced,
    /// What was matched, repeated for each group of the pattern, or wherever the third argument names one.
    Rewritten,
    /// So many bytes for each byte of the second argument, which is a pattern.
    Formatted(usize),
}

/// The functions that give text or lists of their own, by DataFusion's names.
fn growth(name: &str) -> Option<Growth> {
    Some(match name {
        "concat" | "make_array" | "overlay" => Growth::Joined,
        "concat_ws" => Growth::Separated,
        "btrim" | "left" | "ltrim" | "reverse" | "right" | "rtrim" | "split_part" | "substr"
        | "substr_index" => Growth::Times(1),
        "initcap" | "lower" | "upper" => Growth::Times(3),
        "translate" => Growth::Times(4),
        "string_to_array" => Growth::Times(8),
        "replace" => Growth::Replaced,
        "regexp_match" | "regexp_replace" => Growth::Rewritten,
        "to_char" => Growth::Formatted(32),
        _ => return None,
    })
}

/// The call to make in the place of DataFusion's own. Its results count in `pool` as long as they live.
pub(super) fn call(inner: Arc<ScalarUDF>, args: Vec<Expr>, pool: &Arc<dyn MemoryPool>) -> Transformed<Expr> {
    match growth(inner.name()) {
        Some(growth) => Transformed::yes(bounded(inner, growth, pool).call(args)),
        None => Transformed::no(inner.call(args)),
    }
}

/// `left || right`.
pub(super) fn joined(left: Expr, right: Expr, pool: &Arc<dyn MemoryPool>) -> Expr {
    bounded(Arc::new(Join::function()), Growth::Joined, pool).call(vec![left, right])
}

fn bounded(inner: Arc<ScalarUDF>, growth: Growth, pool: &Arc<dyn MemoryPool>) -> ScalarUDF {
    ScalarUDF::from(Bounded { inner, growth, pool: Arc::clone(pool) })
}

#[derive(Debug)]
struct Bounded {
    inner: Arc<ScalarUDF>,
    growth: Growth,
    pool: Arc<dyn MemoryPool>,
}

// Two calls of one function are one, whatever pool they count in.
impl PartialEq for Bounded {
    fn eq(&self, other: &Self) -> bool {
        self.inner == other.inner
    }
}

impl Eq for Bounded {}

impl Hash for Bounded {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.inner.hash(state);
    }
}

// Not passed on is `simplify`: it may give the inner function in the place of this one.
impl ScalarUDFImpl for Bounded {
    fn name(&self) -> &str {
        self.inner.name()
    }

    fn aliases(&self) -> &[String] {
        self.inner.aliases()
    }

    fn signature(&self) -> &Signature {
        self.inner.signature()
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        self.inner.return_type(types)
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs<'_>) -> Result<FieldRef> {
        self.inner.return_field_from_args(args)
    }

    fn coerce_types(&self, types: &[DataType]) -> Result<Vec<DataType>> {
        self.inner.coerce_types(types)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let lengths: Vec<Lengths<'_>> = args.args.iter().map(Lengths::of).collect();
        let portions = portions(args.number_rows, |row| self.growth.most(&lengths, row))
            .map_err(|bytes| too_large(self.name(), bytes))?;
        if portions.len() <= 1 {
            return match self.inner.invoke_with_args(args)? {
                ColumnarValue::Array(array) => {
                    values::check(self.name(), &array)?;
                    values::counted(array, &self.pool).map(ColumnarValue::Array)
                }
                scalar @ ColumnarValue::Scalar(_) => {
                    values::check(self.name(), &scalar.to_array(1)?)?;
                    Ok(scalar)
                }
            };
        }
        let (mut results, mut bytes) = (Vec::with_capacity(portions.len()), 0);
        for (from, rows) in portions {
            let part = self.inner.invoke_with_args(part(&args, from, rows))?.into_array(rows)?;
            values::check(self.name(), &part)?;
            bytes += part.get_buffer_memory_size();
            if bytes > MOST_BYTES {
                return Err(too_large(self.name(), bytes));
            }
            results.push(part);
        }
        let results: Vec<&dyn Array> = results.iter().map(AsRef::as_ref).collect();
        values::counted(concat(&results)?, &self.pool).map(ColumnarValue::Array)
    }
}

fn too_large(name: &str, bytes: usize) -> DataFusionError {
    DataFusionError::External(Box::new(SqlError::TooLarge {
        what: format!("what {name} would give ({bytes} bytes)"),
        most: MOST_BYTES,
    }))
}

/// Some of the rows of a call.
fn part(args: &ScalarFunctionArgs, from: usize, rows: usize) -> ScalarFunctionArgs {
    let slice = |arg: &ColumnarValue| match arg {
        ColumnarValue::Array(array) => ColumnarValue::Array(array.slice(from, rows)),
        scalar @ ColumnarValue::Scalar(_) => scalar.clone(),
    };
    ScalarFunctionArgs {
        args: args.args.iter().map(slice).collect(),
        arg_fields: args.arg_fields.clone(),
        number_rows: rows,
        return_field: Arc::clone(&args.return_field),
        config_options: Arc::clone(&args.config_options),
    }
}

/// Where to cut: first row and number of rows of each portion. Fails with the bytes of a row that alone is too
/// much.
fn portions(rows: usize, most: impl Fn(usize) -> usize) -> Result<Vec<(usize, usize)>, usize> {
    let (mut portions, mut from, mut bytes) = (Vec::new(), 0, 0_usize);
    for row in 0..rows {
        let one = most(row);
        if one > MOST_BYTES {
            return Err(one);
        }
        if bytes.saturating_add(one) > PORTION && row > from {
            portions.push((from, row - from));
            (from, bytes) = (row, 0);
        }
        bytes = bytes.saturating_add(one);
    }
    if rows > from {
        portions.push((from, rows - from));
    }
    Ok(portions)
}

/// Bytes of each row's text.
enum Lengths<'a> {
    Same(usize),
    Array(&'a ArrayRef),
}

impl<'a> Lengths<'a> {
    /// Numbers and times that become text have no more digits than this.
    const OTHERS: usize = 64;

    fn of(arg: &'a ColumnarValue) -> Self {
        match arg {
            ColumnarValue::Array(array) => Self::Array(array),
            ColumnarValue::Scalar(one) => Self::Same(match one.try_as_str() {
                Some(text) => text.map_or(0, str::len),
                None => one.size().max(Self::OTHERS),
            }),
        }
    }

    fn at(&self, row: usize) -> usize {
        match self {
            Self::Same(bytes) => *bytes,
            Self::Array(array) if array.is_null(row) => 0,
            Self::Array(array) => match array.data_type() {
                DataType::Utf8 => array.as_string::<i32>().value(row).len(),
                DataType::LargeUtf8 => array.as_string::<i64>().value(row).len(),
                DataType::Utf8View => array.as_string_view().value(row).len(),
                DataType::List(_) => {
                    let list = array.as_list::<i32>().value(row).to_data();
                    list.get_slice_memory_size().unwrap_or(usize::MAX).saturating_add(Self::OTHERS)
                }
                _ => Self::OTHERS,
            },
        }
    }
}

impl Growth {
    fn most(self, lengths: &[Lengths<'_>], row: usize) -> usize {
        let length = |index: usize| lengths.get(index).map_or(0, |lengths| lengths.at(row));
        let joined = || (0..lengths.len()).fold(0, |sum: usize, index| sum.saturating_add(length(index)));
        match self {
            Self::Joined => joined(),
            Self::Separated => joined().saturating_add(length(0).saturating_mul(lengths.len())),
            Self::Times(factor) => length(0).saturating_mul(factor),
            Self::Replaced => {
                let matches = length(0) / length(1).max(1) + 1;
                length(0).saturating_add(matches.saturating_mul(length(2)))
            }
            Self::Rewritten => {
                let matches = length(0) + 1;
                // A group has two signs in the pattern and two where it is named, and may be all that was matched.
                let repeated = length(0).saturating_mul(length(1).max(length(2)) / 2 + 1);
                matches.saturating_mul(length(2)).saturating_add(repeated)
            }
            Self::Formatted(factor) => length(1).saturating_mul(factor),
        }
    }
}

//! What every column can do.

use std::any::Any;
use std::fmt::Debug;

/// A column of values that knows its ClickHouse type and its bytes.
pub trait Column: Any + Debug + Send + Sync {
    /// The ClickHouse type, for example `Array(UInt64)`.
    fn type_name(&self) -> String;

    /// Finished rows.
    fn rows(&self) -> usize;

    /// Bytes that [`Column::encode_into`] appends.
    fn byte_size(&self) -> usize;

    /// Appends the data (without name and type) in the Native format.
    fn encode_into(&self, out: &mut Vec<u8>);

    /// Appends the rows of `other`; false, and nothing is changed, when it is of
    /// another kind.
    fn append(&mut self, other: &dyn Column) -> bool;

    /// Removes all rows and keeps the memory.
    fn clear(&mut self);

    /// Itself, for [`Column::append`].
    fn as_any(&self) -> &dyn Any;
}

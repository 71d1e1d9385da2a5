//! What every column can do.

use std::fmt::Debug;

/// A column of values that knows its ClickHouse type and its bytes.
pub trait Column: Debug + Send + Sync + 'static {
    /// The ClickHouse type, for example `Array(UInt64)`.
    fn type_name(&self) -> String;

    /// Finished rows.
    fn rows(&self) -> usize;

    /// Bytes that [`Column::encode_into`] appends.
    fn byte_size(&self) -> usize;

    /// Appends what the format wants once, in front of the data of a whole column.
    fn encode_head(&self, _out: &mut Vec<u8>) {}

    /// Appends the data (without name, type and head) in the Native format.
    fn encode_into(&self, out: &mut Vec<u8>);
}

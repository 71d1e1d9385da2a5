//! What every column can do.

use std::fmt::Debug;
use std::ops::Range;

/// A column of values that knows its ClickHouse type and its bytes.
pub trait Column: Debug + Send + Sync {
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

    /// Like [`Column::encode_into`], with the rows of `picked` alone, in that order. Ranges are
    /// within [`Column::rows`] and may be empty.
    fn encode_picked(&self, picked: &[Range<u32>], out: &mut Vec<u8>);
}

/// What can be emptied and filled again without new memory.
pub trait Clear {
    /// Forgets the rows, keeps their memory.
    fn clear(&mut self);
}

impl<C: Column> Column for &C {
    fn type_name(&self) -> String {
        C::type_name(self)
    }

    fn rows(&self) -> usize {
        C::rows(self)
    }

    fn byte_size(&self) -> usize {
        C::byte_size(self)
    }

    fn encode_head(&self, out: &mut Vec<u8>) {
        C::encode_head(self, out);
    }

    fn encode_into(&self, out: &mut Vec<u8>) {
        C::encode_into(self, out);
    }

    fn encode_picked(&self, picked: &[Range<u32>], out: &mut Vec<u8>) {
        C::encode_picked(self, picked, out);
    }
}

/// How many rows are picked.
pub(super) fn picked_rows(picked: &[Range<u32>]) -> usize {
    picked.iter().map(ExactSizeIterator::len).sum()
}

/// The values of the picked rows.
pub(super) fn pick<'a, T>(values: &'a [T], picked: &'a [Range<u32>]) -> impl Iterator<Item = &'a T> {
    picked.iter().flat_map(|rows| &values[rows.start as usize..rows.end as usize])
}

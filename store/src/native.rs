//! ClickHouse's Native format (revision 0, as its HTTP interface takes it): columns are
//! built in contiguous buffers and rendered with hardly more than copies.
//!
//! A writer keeps one typed builder per column ([`Strings`], [`Words`], [`Fixed`],
//! [`Numbers`], [`Nullable`], [`Array`], [`Map`]), pushes values, and hands them to a [`Block`]:
//!
//! ```
//! use headroom_store::native::{Block, Map, Numbers, Strings};
//!
//! let (mut service, mut duration) = (Strings::new(), Numbers::<u64>::new());
//! let mut attributes = Map::new(Strings::new(), Strings::new());
//! service.push("gateway");
//! duration.push(1_250_000);
//! attributes.keys.push("http.request.method");
//! attributes.values.push("GET");
//! attributes.end_row();
//! let block = Block::new()
//!     .with("service", service)
//!     .with("duration_ns", duration)
//!     .with("attributes", attributes);
//! assert_eq!(block.rows(), 1);
//! block.check().unwrap();
//! ```
//!
//! Rows that were pushed in any order can be sent in another one ([`Block::ordered`]): a store that
//! gets them in the order of the table's key has nothing left to sort.
//!
//! A LowCardinality column may be sent as [`Words`], with its dictionary, or as plain
//! [`Strings`]: the server casts.

mod block;
mod column;
mod nested;
mod numbers;
mod strings;
mod words;

pub use block::Block;
pub use column::{Clear, Column};
pub use nested::{Array, Map, Nullable};
pub use numbers::{Number, Numbers};
pub use strings::{Fixed, Strings};
pub use words::Words;

/// Appends `value` as a LEB128 varuint, the format's length prefix.
#[inline]
pub fn varuint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

#[cfg(test)]
mod tests;

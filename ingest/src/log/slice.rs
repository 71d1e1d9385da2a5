//! A slice: the unit that is inserted.

/// A range of a segment. Its boundaries are in the log before it is inserted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slice {
    /// The segment's number.
    pub segment: u64,
    /// The offset of its first byte.
    pub start: u64,
    /// The offset after its last byte.
    pub end: u64,
}

impl Slice {
    /// Bytes in it.
    pub fn len(&self) -> u64 {
        self.end - self.start
    }

    /// Whether nothing is in it.
    pub fn is_empty(&self) -> bool {
        self.start == self.end
    }

    /// The token of its insert into `table`, as 64 hex digits. The segment's random identity
    /// stands for the segment: two logs that write to one store never share a token.
    pub(super) fn token(&self, identity: &[u8; 16], table: &str) -> String {
        let mut hash = blake3::Hasher::new();
        hash.update(identity);
        for v in [self.start, self.end] {
            hash.update(&v.to_le_bytes());
        }
        hash.update(table.as_bytes());
        hash.finalize().to_hex().to_string()
    }
}

//! Text and fixed-width bytes.

use std::ops::Range;

use super::{Clear, Column, varuint};

/// A `String` column: every value a varuint length and its bytes, in one buffer.
#[derive(Debug, Clone, Default)]
pub struct Strings {
    data: Vec<u8>,
    rows: usize,
}

impl Strings {
    /// An empty column.
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty column with room for `bytes` bytes of values and prefixes.
    pub fn with_capacity(bytes: usize) -> Self {
        Self { data: Vec::with_capacity(bytes), rows: 0 }
    }

    /// Appends one value.
    #[inline]
    pub fn push(&mut self, value: &str) {
        self.push_bytes(value.as_bytes());
    }

    /// Appends one value that need not be UTF-8. Readers that expect text fail on such
    /// values: sanitise before, unless the column holds bytes.
    #[inline]
    pub fn push_bytes(&mut self, value: &[u8]) {
        if value.len() < 0x80 {
            self.data.push(value.len() as u8);
        } else {
            varuint(&mut self.data, value.len() as u64);
        }
        self.data.extend_from_slice(value);
        self.rows += 1;
    }

    /// Appends the text of `value` without a temporary string.
    pub fn push_display(&mut self, value: impl std::fmt::Display) {
        use std::io::Write as _;
        let start = self.data.len();
        self.data.push(0);
        // Writing to a Vec cannot fail; a Display that fails leaves what it wrote.
        let _ = write!(self.data, "{value}");
        let len = self.data.len() - start - 1;
        if len < 0x80 {
            self.data[start] = len as u8;
        } else {
            let mut prefix = Vec::with_capacity(10);
            varuint(&mut prefix, len as u64);
            self.data.splice(start..=start, prefix);
        }
        self.rows += 1;
    }

    /// Where each value's prefix begins, and at last where the data ends.
    fn starts(&self) -> Vec<usize> {
        let mut starts = Vec::with_capacity(self.rows + 1);
        let mut at = 0;
        while let Some(first) = self.data.get(at) {
            starts.push(at);
            let mut len = usize::from(*first & 0x7f);
            let mut shift = 7;
            while self.data[at] >= 0x80 {
                at += 1;
                len |= usize::from(self.data[at] & 0x7f) << shift;
                shift += 7;
            }
            at += 1 + len;
        }
        starts.push(at);
        starts
    }
}

impl Clear for Strings {
    fn clear(&mut self) {
        self.data.clear();
        self.rows = 0;
    }
}

impl Column for Strings {
    fn type_name(&self) -> String {
        "String".to_owned()
    }

    fn rows(&self) -> usize {
        self.rows
    }

    fn byte_size(&self) -> usize {
        self.data.len()
    }

    fn encode_into(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.data);
    }

    fn encode_picked(&self, picked: &[Range<u32>], out: &mut Vec<u8>) {
        let starts = self.starts();
        for rows in picked {
            out.extend_from_slice(&self.data[starts[rows.start as usize]..starts[rows.end as usize]]);
        }
    }
}

/// A `FixedString(N)` column: ids as raw bytes.
#[derive(Debug, Clone, Default)]
pub struct Fixed<const N: usize> {
    data: Vec<u8>,
}

impl<const N: usize> Fixed<N> {
    /// An empty column.
    pub fn new() -> Self {
        Self::default()
    }

    /// Appends one value.
    #[inline]
    pub fn push(&mut self, value: &[u8; N]) {
        self.data.extend_from_slice(value);
    }

    /// Appends bytes that should be `N` long: longer ones are cut, shorter ones filled
    /// with zeros. True when the length was right.
    #[inline]
    pub fn push_slice(&mut self, value: &[u8]) -> bool {
        let n = value.len().min(N);
        self.data.extend_from_slice(&value[..n]);
        self.data.resize(self.data.len() + N - n, 0);
        value.len() == N
    }
}

impl<const N: usize> Clear for Fixed<N> {
    fn clear(&mut self) {
        self.data.clear();
    }
}

impl<const N: usize> Column for Fixed<N> {
    fn type_name(&self) -> String {
        format!("FixedString({N})")
    }

    fn rows(&self) -> usize {
        self.data.len() / N
    }

    fn byte_size(&self) -> usize {
        self.data.len()
    }

    fn encode_into(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.data);
    }
    fn encode_picked(&self, picked: &[Range<u32>], out: &mut Vec<u8>) {
        for rows in picked {
            out.extend_from_slice(&self.data[rows.start as usize * N..rows.end as usize * N]);
        }
    }
}

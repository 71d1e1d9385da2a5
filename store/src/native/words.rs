//! Text with few different values: a dictionary and a number per row.

use hashbrown::{DefaultHashBuilder, HashTable};
use std::hash::BuildHasher as _;
use std::ops::Range;

use super::column::{pick, picked_rows};
use super::{Clear, Column, varuint};

/// Version of the form of dictionaries on the wire: shared dictionaries with additional keys.
const KEYS_VERSION: u64 = 1;

/// The block brings keys of its own, and they are all there are.
const HAS_ADDITIONAL_KEYS: u64 = 1 << 9;
const NEEDS_UPDATE: u64 = 1 << 10;

/// A `LowCardinality(String)` column. The server takes dictionary and numbers as they are,
/// where plain strings would have to be looked up one by one.
///
/// Attribute keys come in the same order span after span, and services come in runs: what
/// followed a word last time is tried first, and mostly is the word.
#[derive(Debug, Clone, Default)]
pub struct Words {
    /// The different values, one after the other, each with its varuint length.
    data: Vec<u8>,
    /// Where each value's bytes lie in `data`.
    spans: Vec<(u32, u32)>,
    /// What followed each value last time.
    followers: Vec<u32>,
    table: HashTable<u32>,
    hasher: DefaultHashBuilder,
    rows: Vec<u32>,
}

impl Words {
    /// An empty column.
    pub fn new() -> Self {
        Self::default()
    }

    /// Appends one value; its number in the dictionary.
    #[inline]
    pub fn push(&mut self, value: &str) -> u32 {
        self.push_bytes(value.as_bytes())
    }

    /// Appends one value that need not be UTF-8; its number in the dictionary.
    pub fn push_bytes(&mut self, value: &[u8]) -> u32 {
        if let Some(known) = self.push_known(value) {
            return known;
        }
        let number = self.add(value);
        self.follow(number);
        number
    }

    /// Appends a value that was appended before; nothing happens, and `None`, when it was not.
    #[inline]
    pub fn push_known(&mut self, value: &[u8]) -> Option<u32> {
        if let Some(last) = self.rows.last() {
            let guess = self.followers[*last as usize];
            if same(self.word(guess), value) {
                self.rows.push(guess);
                return Some(guess);
            }
        }
        let hash = self.hasher.hash_one(value);
        let known = *self.table.find(hash, |number| same(self.word(*number), value))?;
        self.follow(known);
        Some(known)
    }

    /// Appends the rows of `range` once more.
    pub(super) fn repeat(&mut self, range: Range<usize>) {
        self.rows.extend_from_within(range);
    }

    /// Appends a row, and remembers what it followed.
    fn follow(&mut self, number: u32) {
        if let Some(last) = self.rows.last() {
            self.followers[*last as usize] = number;
        }
        self.rows.push(number);
    }

    /// The value of a number that [`Words::push`] gave.
    #[inline]
    pub fn word(&self, number: u32) -> &[u8] {
        let (start, end) = self.spans[number as usize];
        &self.data[start as usize..end as usize]
    }

    /// The different values so far.
    pub fn different(&self) -> usize {
        self.spans.len()
    }

    fn add(&mut self, value: &[u8]) -> u32 {
        let number = u32::try_from(self.spans.len()).expect("a block has fewer than 2^32 values");
        varuint(&mut self.data, value.len() as u64);
        let start = u32::try_from(self.data.len()).expect("a block's dictionary is smaller than 4 GiB");
        self.data.extend_from_slice(value);
        self.spans.push((start, start + value.len() as u32));
        self.followers.push(number);
        let (data, spans, hasher) = (&self.data, &self.spans, &self.hasher);
        let hash = |number: &u32| {
            let (start, end) = spans[*number as usize];
            hasher.hash_one(&data[start as usize..end as usize])
        };
        self.table.insert_unique(hash(&number), number, hash);
        number
    }

    /// The dictionary number of each row.
    pub fn numbers(&self) -> &[u32] {
        &self.rows
    }

    /// For each dictionary number the place of its value among all values, in byte order.
    pub fn ranks(&self) -> Vec<u32> {
        let mut sorted: Vec<_> = (0..self.spans.len() as u32).collect();
        sorted.sort_unstable_by_key(|number| self.word(*number));
        let mut ranks = vec![0; sorted.len()];
        for (rank, number) in (0..).zip(sorted) {
            ranks[number as usize] = rank;
        }
        ranks
    }

    fn encode<'a>(&self, n: usize, rows: impl Iterator<Item = &'a u32>, out: &mut Vec<u8>) {
        if n == 0 {
            return;
        }
        let width = self.width();
        let kind = width.trailing_zeros();
        let head = [u64::from(kind) | HAS_ADDITIONAL_KEYS | NEEDS_UPDATE, self.spans.len() as u64];
        for number in head {
            out.extend_from_slice(&number.to_le_bytes());
        }
        out.extend_from_slice(&self.data);
        out.extend_from_slice(&(n as u64).to_le_bytes());
        match width {
            1 => rows.for_each(|row| out.push(*row as u8)),
            2 => rows.for_each(|row| out.extend_from_slice(&(*row as u16).to_le_bytes())),
            _ => rows.for_each(|row| out.extend_from_slice(&row.to_le_bytes())),
        }
    }

    /// Bytes of a row's number: the fewest that can hold all.
    fn width(&self) -> u64 {
        match self.spans.len() {
            0..=0x100 => 1,
            0x101..=0x1_0000 => 2,
            _ => 4,
        }
    }
}

/// Whether two values are equal. Most are names of 4 to 32 bytes, which a few whole numbers tell apart
/// sooner than a call does.
#[inline]
fn same(a: &[u8], b: &[u8]) -> bool {
    let n = a.len();
    if n != b.len() {
        return false;
    }
    // Two words that overlap cover a length between one and two of them.
    let half = |s: &[u8], at: usize| u32::from_ne_bytes(std::array::from_fn(|i| s[at + i]));
    let whole = |s: &[u8], at: usize| u64::from_ne_bytes(std::array::from_fn(|i| s[at + i]));
    match n {
        4..=7 => half(a, 0) == half(b, 0) && half(a, n - 4) == half(b, n - 4),
        8..=16 => whole(a, 0) == whole(b, 0) && whole(a, n - 8) == whole(b, n - 8),
        17..=32 => {
            whole(a, 0) == whole(b, 0)
                && whole(a, 8) == whole(b, 8)
                && whole(a, n - 16) == whole(b, n - 16)
                && whole(a, n - 8) == whole(b, n - 8)
        }
        _ => a == b,
    }
}

impl Clear for Words {
    fn clear(&mut self) {
        self.data.clear();
        self.spans.clear();
        self.followers.clear();
        self.table.clear();
        self.rows.clear();
    }
}

impl Column for Words {
    fn type_name(&self) -> String {
        "LowCardinality(String)".to_owned()
    }

    fn rows(&self) -> usize {
        self.rows.len()
    }

    fn byte_size(&self) -> usize {
        8 + 24 + self.data.len() + self.rows.len() * self.width() as usize
    }

    fn encode_head(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&KEYS_VERSION.to_le_bytes());
    }

    fn encode_into(&self, out: &mut Vec<u8>) {
        self.encode(self.rows.len(), self.rows.iter(), out);
    }

    fn encode_picked(&self, picked: &[Range<u32>], out: &mut Vec<u8>) {
        self.encode(picked_rows(picked), pick(&self.rows, picked), out);
    }
}

#[cfg(test)]
mod tests {
    use super::same;
    use proptest::prelude::*;

    proptest! {
        /// Values of each length, equal or different in one place.
        #[test]
        fn values_are_the_same_when_all_bytes_are(
            a in prop::collection::vec(any::<u8>(), 0..80),
            at in any::<prop::sample::Index>(),
            flip in any::<u8>(),
        ) {
            let mut b = a.clone();
            if !b.is_empty() {
                b[at.index(a.len())] ^= flip;
            }
            prop_assert_eq!(same(&a, &b), a == b);
            prop_assert!(!same(&a, &[a.as_slice(), b"x"].concat()));
        }
    }
}

//! Columns of columns: Nullable, Array, Map.

use std::ops::Range;

use super::column::{pick, picked_rows};
use super::{Clear, Column, Number, Numbers, Words};

/// Appends where the picked rows of an array end; the elements that are in them.
fn pick_elements(offsets: &[u64], picked: &[Range<u32>], out: &mut Vec<u8>) -> Vec<Range<u32>> {
    if offsets.last().is_none_or(|end| *end == 0) {
        out.resize(out.len() + picked_rows(picked) * 8, 0);
        return Vec::new();
    }
    let start_of = |row: u32| if row == 0 { 0 } else { offsets[row as usize - 1] as u32 };
    let mut end = 0;
    for rows in picked {
        let mut start = start_of(rows.start);
        for row in rows.clone() {
            let next = offsets[row as usize] as u32;
            end += u64::from(next - start);
            start = next;
            out.extend_from_slice(&end.to_le_bytes());
        }
    }
    picked.iter().map(|rows| start_of(rows.start)..start_of(rows.end)).collect()
}

/// `Nullable(T)`: a mask beside the values. Push with [`Nullable::some`] and
/// [`Nullable::null`], or keep `inner` in step by hand with [`Nullable::mark`].
#[derive(Debug, Clone, Default)]
pub struct Nullable<C> {
    /// The values; a NULL has a placeholder here.
    pub inner: C,
    mask: Vec<u8>,
}

impl<C: Column> Nullable<C> {
    /// A column of `inner`'s type, which must be empty.
    pub fn new(inner: C) -> Self {
        Self { inner, mask: Vec::new() }
    }

    /// Marks the value that was (or will be) pushed to `inner` as NULL or not.
    #[inline]
    pub fn mark(&mut self, is_null: bool) {
        self.mask.push(u8::from(is_null));
    }
}

impl<T: Number> Nullable<Numbers<T>> {
    /// Appends a number.
    #[inline]
    pub fn some(&mut self, value: T) {
        self.inner.push(value);
        self.mask.push(0);
    }

    /// Appends a NULL.
    #[inline]
    pub fn null(&mut self) {
        self.inner.push(T::default());
        self.mask.push(1);
    }

    /// Appends a number or NULL.
    #[inline]
    pub fn push(&mut self, value: Option<T>) {
        match value {
            Some(value) => self.some(value),
            None => self.null(),
        }
    }
}

impl<C: Clear> Clear for Nullable<C> {
    fn clear(&mut self) {
        self.inner.clear();
        self.mask.clear();
    }
}

impl<C: Column> Column for Nullable<C> {
    fn type_name(&self) -> String {
        format!("Nullable({})", self.inner.type_name())
    }

    /// The shorter of mask and values is what is finished; [`super::Block::check`]
    /// compares them.
    fn rows(&self) -> usize {
        self.mask.len().min(self.inner.rows())
    }

    fn byte_size(&self) -> usize {
        self.mask.len() + self.inner.byte_size()
    }

    fn encode_head(&self, out: &mut Vec<u8>) {
        self.inner.encode_head(out);
    }

    fn encode_into(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.mask);
        self.inner.encode_into(out);
    }

    fn encode_picked(&self, picked: &[Range<u32>], out: &mut Vec<u8>) {
        out.extend(pick(&self.mask, picked));
        self.inner.encode_picked(picked, out);
    }
}

/// `Array(T)`: push to `inner`, then close the row with [`Array::end_row`].
#[derive(Debug, Clone, Default)]
pub struct Array<C> {
    /// The elements of all rows, one after the other.
    pub inner: C,
    offsets: Vec<u64>,
}

impl<C: Column> Array<C> {
    /// A column of `inner`'s type, which must be empty.
    pub fn new(inner: C) -> Self {
        Self { inner, offsets: Vec::new() }
    }

    /// Closes a row: what was pushed to `inner` since the last call belongs to it.
    #[inline]
    pub fn end_row(&mut self) {
        self.offsets.push(self.inner.rows() as u64);
    }
}

impl<T: Number> Array<Numbers<T>> {
    /// Appends a whole row.
    pub fn push(&mut self, values: &[T]) {
        self.inner.extend_from_slice(values);
        self.end_row();
    }
}

impl<C: Clear> Clear for Array<C> {
    fn clear(&mut self) {
        self.inner.clear();
        self.offsets.clear();
    }
}

impl<C: Column> Column for Array<C> {
    fn type_name(&self) -> String {
        format!("Array({})", self.inner.type_name())
    }

    fn rows(&self) -> usize {
        self.offsets.len()
    }

    fn byte_size(&self) -> usize {
        self.offsets.len() * 8 + self.inner.byte_size()
    }

    fn encode_head(&self, out: &mut Vec<u8>) {
        self.inner.encode_head(out);
    }

    fn encode_into(&self, out: &mut Vec<u8>) {
        u64::encode(&self.offsets, out);
        self.inner.encode_into(out);
    }

    fn encode_picked(&self, picked: &[Range<u32>], out: &mut Vec<u8>) {
        let elements = pick_elements(&self.offsets, picked, out);
        self.inner.encode_picked(&elements, out);
    }
}

/// `Map(K, V)`: push to `keys` and `values` in step, then close the row with
/// [`Map::end_row`].
#[derive(Debug, Clone, Default)]
pub struct Map<K, V> {
    /// The keys of all rows.
    pub keys: K,
    /// The values of all rows.
    pub values: V,
    offsets: Vec<u64>,
}

impl<K: Column, V: Column> Map<K, V> {
    /// A map of the two columns' types; both must be empty.
    pub fn new(keys: K, values: V) -> Self {
        Self { keys, values, offsets: Vec::new() }
    }

    /// Closes a row: the pairs pushed since the last call belong to it.
    #[inline]
    pub fn end_row(&mut self) {
        debug_assert_eq!(self.keys.rows(), self.values.rows(), "a key without a value");
        self.offsets.push(self.keys.rows() as u64);
    }
}

impl Map<Words, Words> {
    /// Appends the last row once more; an empty one when there is none.
    pub fn repeat_row(&mut self) {
        let before = self.offsets.len().checked_sub(2).map_or(0, |row| self.offsets[row]);
        let last = self.offsets.last().map_or(0..0, |end| before as usize..*end as usize);
        self.keys.repeat(last.clone());
        self.values.repeat(last);
        self.end_row();
    }
}

impl Map<super::Strings, super::Strings> {
    /// Appends one pair to the open row.
    #[inline]
    pub fn push(&mut self, key: &str, value: &str) {
        self.keys.push(key);
        self.values.push(value);
    }
}

impl<K: Clear, V: Clear> Clear for Map<K, V> {
    fn clear(&mut self) {
        self.keys.clear();
        self.values.clear();
        self.offsets.clear();
    }
}

impl<K: Column, V: Column> Column for Map<K, V> {
    fn type_name(&self) -> String {
        format!("Map({}, {})", self.keys.type_name(), self.values.type_name())
    }

    fn rows(&self) -> usize {
        self.offsets.len()
    }

    fn byte_size(&self) -> usize {
        self.offsets.len() * 8 + self.keys.byte_size() + self.values.byte_size()
    }

    fn encode_head(&self, out: &mut Vec<u8>) {
        self.keys.encode_head(out);
        self.values.encode_head(out);
    }

    fn encode_into(&self, out: &mut Vec<u8>) {
        u64::encode(&self.offsets, out);
        self.keys.encode_into(out);
        self.values.encode_into(out);
    }

    fn encode_picked(&self, picked: &[Range<u32>], out: &mut Vec<u8>) {
        let pairs = pick_elements(&self.offsets, picked, out);
        self.keys.encode_picked(&pairs, out);
        self.values.encode_picked(&pairs, out);
    }
}

//! Numbers, and the types that are numbers on the wire.

use std::borrow::Cow;
use std::fmt::Debug;
use std::ops::Range;

use super::column::pick;
use super::{Clear, Column};

/// A Rust number with a ClickHouse type of the same bytes.
pub trait Number: Copy + Debug + Default + Send + Sync + 'static {
    /// The ClickHouse type of plain numbers.
    const TYPE: &'static str;
    /// Bytes of one value.
    const WIDTH: usize;
    /// Appends all values, little end first.
    fn encode<'a>(values: impl IntoIterator<Item = &'a Self>, out: &mut Vec<u8>);
}

macro_rules! number {
    ($($rust:ty => $name:literal),* $(,)?) => {$(
        impl Number for $rust {
            const TYPE: &'static str = $name;
            const WIDTH: usize = size_of::<$rust>();

            fn encode<'a>(values: impl IntoIterator<Item = &'a Self>, out: &mut Vec<u8>) {
                values.into_iter().for_each(|value| out.extend_from_slice(&value.to_le_bytes()));
            }
        }
    )*};
}

number! {
    u8 => "UInt8", u16 => "UInt16", u32 => "UInt32", u64 => "UInt64", u128 => "UInt128",
    i8 => "Int8", i16 => "Int16", i32 => "Int32", i64 => "Int64", i128 => "Int128",
    f32 => "Float32", f64 => "Float64",
}

/// A column of numbers, or of a type that is a number on the wire.
#[derive(Debug, Clone)]
pub struct Numbers<T> {
    values: Vec<T>,
    type_name: Cow<'static, str>,
}

impl<T: Number> Numbers<T> {
    /// An empty column of the plain type (`UInt64` for `u64` and so on).
    pub fn new() -> Self {
        Self { values: Vec::new(), type_name: Cow::Borrowed(T::TYPE) }
    }

    /// Appends one value.
    #[inline]
    pub fn push(&mut self, value: T) {
        self.values.push(value);
    }

    /// Appends many values.
    pub fn extend_from_slice(&mut self, values: &[T]) {
        self.values.extend_from_slice(values);
    }

    /// Appends `value` `n` times.
    pub fn push_n(&mut self, value: T, n: usize) {
        self.values.resize(self.values.len() + n, value);
    }

    /// The values.
    pub fn values(&self) -> &[T] {
        &self.values
    }
}

impl<T: Number> Default for Numbers<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: Number> FromIterator<T> for Numbers<T> {
    fn from_iter<I: IntoIterator<Item = T>>(values: I) -> Self {
        Self { values: values.into_iter().collect(), ..Self::new() }
    }
}

impl Numbers<i64> {
    /// `DateTime64(9,'UTC')`: nanoseconds since the epoch.
    pub fn nanoseconds() -> Self {
        Self { values: Vec::new(), type_name: Cow::Borrowed("DateTime64(9, 'UTC')") }
    }

    /// `DateTime64(3,'UTC')`: milliseconds since the epoch.
    pub fn milliseconds() -> Self {
        Self { values: Vec::new(), type_name: Cow::Borrowed("DateTime64(3, 'UTC')") }
    }

    /// `DateTime64(0,'UTC')`: seconds since the epoch.
    pub fn seconds() -> Self {
        Self { values: Vec::new(), type_name: Cow::Borrowed("DateTime64(0, 'UTC')") }
    }
}

impl Numbers<i128> {
    /// `Decimal(38,S)`: the value times ten to the power of `scale`.
    pub fn decimal(scale: u8) -> Self {
        Self { values: Vec::new(), type_name: Cow::Owned(format!("Decimal(38, {scale})")) }
    }
}

impl Numbers<u8> {
    /// `Bool`: 0 or 1.
    pub fn booleans() -> Self {
        Self { values: Vec::new(), type_name: Cow::Borrowed("Bool") }
    }
}

impl<T> Clear for Numbers<T> {
    fn clear(&mut self) {
        self.values.clear();
    }
}

impl<T: Number> Column for Numbers<T> {
    fn type_name(&self) -> String {
        self.type_name.clone().into_owned()
    }

    fn rows(&self) -> usize {
        self.values.len()
    }

    fn byte_size(&self) -> usize {
        self.values.len() * T::WIDTH
    }

    fn encode_into(&self, out: &mut Vec<u8>) {
        T::encode(&self.values, out);
    }

    fn encode_picked(&self, picked: &[Range<u32>], out: &mut Vec<u8>) {
        T::encode(pick(&self.values, picked), out);
    }
}

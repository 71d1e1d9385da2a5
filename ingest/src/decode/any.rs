//! Attribute values: borrowed, checked to the bottom, and rendered as text.

#![expect(clippy::inline_always, reason = "ten attributes a span go through these")]

use std::borrow::Cow;
use std::io::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::wire::{Chunk, Reader, WireError};

/// How deep arrays and lists may be nested.
const MAX_DEPTH: u32 = 64;

/// A value borrowed from the request. Arrays and lists have been checked when it exists.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum Value<'a> {
    /// Nothing was set.
    #[default]
    Empty,
    /// Text, as it came.
    Text(&'a [u8]),
    /// True or false.
    Bool(bool),
    /// A 64-bit integer.
    Int(i64),
    /// A double.
    Double(f64),
    /// Raw bytes.
    Bytes(&'a [u8]),
    /// An `ArrayValue` message.
    Array(Chunk<'a>),
    /// A `KeyValueList` message.
    List(Chunk<'a>),
}

/// A key and its value.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Pair<'a> {
    /// The key, as it came.
    pub key: &'a [u8],
    /// The value.
    pub value: Value<'a>,
}

impl<'a> Pair<'a> {
    /// Reads a `KeyValue` message.
    #[inline]
    pub fn read(chunk: Chunk<'a>) -> Result<Self, WireError> {
        match Self::usual(chunk.bytes) {
            Some(pair) => Ok(pair),
            None => Self::read_at(chunk, 0),
        }
    }

    /// The form in which SDKs write most attributes: the key, then one scalar, and nothing
    /// else. `None` when it is another form, or malformed.
    #[inline(always)]
    fn usual(bytes: &'a [u8]) -> Option<Self> {
        let [0x0a, rest @ ..] = bytes else { return None };
        let (len, rest) = short_len(rest)?;
        let (key, rest) = rest.split_at_checked(len)?;
        let [0x12, rest @ ..] = rest else { return None };
        let (len, value) = short_len(rest)?;
        if value.len() != len {
            return None;
        }
        let value = match value {
            [0x0a, text @ ..] => {
                let (len, text) = short_len(text)?;
                Value::Text(Some(text).filter(|text| text.len() == len)?)
            }
            [0x18, byte @ 0..0x80] => Value::Int(i64::from(*byte)),
            [0x18, low @ 0x80..=0xff, high @ 0..0x80] => {
                Value::Int(i64::from(low & 0x7f) | i64::from(*high) << 7)
            }
            [0x10, flag @ 0..=1] => Value::Bool(*flag == 1),
            [0x21, number @ ..] => Value::Double(f64::from_le_bytes(number.try_into().ok()?)),
            _ => return None,
        };
        Some(Self { key, value })
    }

    fn read_at(chunk: Chunk<'a>, depth: u32) -> Result<Self, WireError> {
        let mut pair = Self::default();
        let mut reader = Reader::of(chunk);
        while let Some(field) = reader.next_field()? {
            match field.number {
                1 => pair.key = field.bytes().map_err(|e| e.inside("key"))?,
                2 => {
                    let value = field.chunk().and_then(|chunk| Value::read_at(chunk, depth));
                    pair.value = value.map_err(|e| e.inside("value"))?;
                }
                _ => {}
            }
        }
        Ok(pair)
    }
}

impl<'a> Value<'a> {
    /// Reads an `AnyValue` message.
    pub fn read(chunk: Chunk<'a>) -> Result<Self, WireError> {
        Self::read_at(chunk, 0)
    }

    fn read_at(chunk: Chunk<'a>, depth: u32) -> Result<Self, WireError> {
        if depth > MAX_DEPTH {
            let what = format!("values are nested deeper than {MAX_DEPTH}");
            return Err(WireError::new(chunk.offset, what));
        }
        let mut value = Self::Empty;
        let mut reader = Reader::of(chunk);
        while let Some(field) = reader.next_field()? {
            value = match field.number {
                1 => Self::Text(field.bytes()?),
                2 => Self::Bool(field.varint()? != 0),
                3 => Self::Int(field.varint()? as i64),
                4 => Self::Double(field.double()?),
                5 => {
                    let chunk = field.chunk()?;
                    items(chunk, depth, |_| {})?;
                    Self::Array(chunk)
                }
                6 => {
                    let chunk = field.chunk()?;
                    pairs(chunk, depth, |_| {})?;
                    Self::List(chunk)
                }
                7 => Self::Bytes(field.bytes()?),
                _ => value,
            };
        }
        Ok(value)
    }

    /// The name in `attribute_types`; text has none.
    pub fn type_name(&self) -> Option<&'static str> {
        match self {
            Self::Empty | Self::Text(_) => None,
            Self::Bool(_) => Some("bool"),
            Self::Int(_) => Some("int"),
            Self::Double(_) => Some("double"),
            Self::Bytes(_) => Some("bytes"),
            Self::Array(_) => Some("array"),
            Self::List(_) => Some("kvlist"),
        }
    }

    /// The value as text: bytes in base64, arrays and lists as JSON.
    pub fn text(&self) -> Cow<'a, [u8]> {
        match *self {
            Self::Empty => Cow::Borrowed(b""),
            Self::Text(text) => Cow::Borrowed(text),
            Self::Bool(true) => Cow::Borrowed(b"true"),
            Self::Bool(false) => Cow::Borrowed(b"false"),
            Self::Int(v) => Cow::Owned(v.to_string().into_bytes()),
            Self::Double(v) => Cow::Owned(double_text(v).into_bytes()),
            Self::Bytes(bytes) => Cow::Owned(STANDARD.encode(bytes).into_bytes()),
            Self::Array(_) | Self::List(_) => {
                let mut out = Vec::new();
                self.json(&mut out);
                Cow::Owned(out)
            }
        }
    }

    /// Appends the value as JSON.
    fn json(&self, out: &mut Vec<u8>) {
        match *self {
            Self::Empty => out.extend_from_slice(b"null"),
            Self::Text(text) => quote(text, out),
            Self::Double(v) if !v.is_finite() => quote(double_text(v).as_bytes(), out),
            Self::Bytes(_) => quote(&self.text(), out),
            Self::Bool(_) | Self::Int(_) | Self::Double(_) => out.extend_from_slice(&self.text()),
            Self::Array(chunk) => {
                out.push(b'[');
                let mut first = true;
                let read = items(chunk, 0, |item| {
                    comma(&mut first, out);
                    item.json(out);
                });
                debug_assert!(read.is_ok(), "the array was checked when it was read");
                out.push(b']');
            }
            Self::List(chunk) => {
                out.push(b'{');
                let mut first = true;
                let read = pairs(chunk, 0, |pair| {
                    comma(&mut first, out);
                    quote(pair.key, out);
                    out.push(b':');
                    pair.value.json(out);
                });
                debug_assert!(read.is_ok(), "the list was checked when it was read");
                out.push(b'}');
            }
        }
    }
}

/// A length of one or two bytes, and what comes after it.
#[inline(always)]
fn short_len(bytes: &[u8]) -> Option<(usize, &[u8])> {
    match bytes {
        [len @ 0..0x80, rest @ ..] => Some((usize::from(*len), rest)),
        [low, high @ 0..0x80, rest @ ..] => Some((usize::from(low & 0x7f) | usize::from(*high) << 7, rest)),
        _ => None,
    }
}

fn items<'a>(chunk: Chunk<'a>, depth: u32, mut each: impl FnMut(Value<'a>)) -> Result<(), WireError> {
    let mut reader = Reader::of(chunk);
    let mut index = 0;
    while let Some(field) = reader.next_field()? {
        if field.number == 1 {
            let value = field.chunk().and_then(|chunk| Value::read_at(chunk, depth + 1));
            each(value.map_err(|e| e.inside_at("values", index))?);
            index += 1;
        }
    }
    Ok(())
}

fn pairs<'a>(chunk: Chunk<'a>, depth: u32, mut each: impl FnMut(Pair<'a>)) -> Result<(), WireError> {
    let mut reader = Reader::of(chunk);
    let mut index = 0;
    while let Some(field) = reader.next_field()? {
        if field.number == 1 {
            let pair = field.chunk().and_then(|chunk| Pair::read_at(chunk, depth + 1));
            each(pair.map_err(|e| e.inside_at("values", index))?);
            index += 1;
        }
    }
    Ok(())
}

fn comma(first: &mut bool, out: &mut Vec<u8>) {
    if !std::mem::take(first) {
        out.push(b',');
    }
}

fn double_text(v: f64) -> String {
    if v.is_infinite() {
        return if v > 0.0 { "Infinity" } else { "-Infinity" }.to_owned();
    }
    // The usual magnitudes quickly; ryu writes others with an exponent, and ends a whole number in `.0`.
    if (1e-5..1e16).contains(&v.abs()) {
        let mut digits = ryu::Buffer::new();
        let text = digits.format_finite(v);
        return text.strip_suffix(".0").unwrap_or(text).to_owned();
    }
    v.to_string()
}

/// Appends a JSON string; bytes that are not UTF-8 become replacement characters.
fn quote(text: &[u8], out: &mut Vec<u8>) {
    out.push(b'"');
    for c in String::from_utf8_lossy(text).chars() {
        match c {
            '"' => out.extend_from_slice(b"\\\""),
            '\\' => out.extend_from_slice(b"\\\\"),
            '\n' => out.extend_from_slice(b"\\n"),
            '\r' => out.extend_from_slice(b"\\r"),
            '\t' => out.extend_from_slice(b"\\t"),
            c if c < ' ' => {
                // Writing to a Vec cannot fail.
                let _ = write!(out, "\\u{:04x}", c as u32);
            }
            c => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::double_text;
    use proptest::num::f64::{NEGATIVE, NORMAL, POSITIVE, SUBNORMAL, ZERO};
    use proptest::prelude::*;

    proptest! {
        /// The fewest digits that mean the same number, without an exponent. Where two texts of that
        /// length do (the number lies in the middle), the standard library may choose the other one.
        #[test]
        fn doubles_are_written_in_the_fewest_digits_that_mean_the_same(
            v in prop_oneof![POSITIVE | NEGATIVE | NORMAL | SUBNORMAL | ZERO, -1e17..1e17, -1e-3..1e-3, (-1_000_000..1_000_000).prop_map(f64::from)],
        ) {
            let text = double_text(v);
            prop_assert_eq!(text.parse::<f64>().map(f64::to_bits), Ok(v.to_bits()));
            prop_assert_eq!(text.len(), v.to_string().len());
            prop_assert!(!text.contains('e'), "{}", text);
        }
    }

    #[test]
    fn doubles_at_the_edges() {
        let cases =
            [(0.0, "0"), (-0.0, "-0"), (1e16, "10000000000000000"), (1e-5, "0.00001"), (-12.5, "-12.5")];
        for (v, text) in cases {
            assert_eq!(double_text(v), text);
        }
        assert_eq!([f64::NAN, f64::NEG_INFINITY].map(double_text), ["NaN", "-Infinity"]);
    }
}

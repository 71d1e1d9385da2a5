//! SQL literals, rendered from typed values. This is the only place where a value
//! becomes SQL text: every statement of Headroom is put together from constant text,
//! [`ident`] and the functions below, never from text that a person wrote.

use std::fmt::{Display, Write as _};

use chrono::{DateTime, Datelike as _, Utc};

/// A string literal: `it's` becomes `'it\'s'`. Control characters are escaped, all
/// other text is left as it is.
pub fn string(value: &str) -> String {
    let mut out = String::with_capacity(value.len() + 2);
    quote_into(&mut out, value, '\'');
    out
}

/// An identifier in back-quotes, for any name.
pub fn ident(name: &str) -> String {
    let mut out = String::with_capacity(name.len() + 2);
    quote_into(&mut out, name, '`');
    out
}

fn quote_into(out: &mut String, value: &str, quote: char) {
    out.push(quote);
    for c in value.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\'' => out.push_str("\\'"),
            '`' => out.push_str("\\`"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\0' => out.push_str("\\0"),
            c if c.is_ascii_control() => {
                let _ = write!(out, "\\x{:02X}", c as u32);
            }
            c => out.push(c),
        }
    }
    out.push(quote);
}

/// A signed integer. Negative numbers are put in brackets, so that `a-{x}` stays right.
pub fn int(value: i64) -> String {
    if value < 0 { format!("({value})") } else { value.to_string() }
}

/// An unsigned integer.
pub fn uint(value: u64) -> String {
    value.to_string()
}

/// A Float64, exact to the last bit; `nan` and `inf` are ClickHouse's own words.
pub fn float(value: f64) -> String {
    if value.is_nan() {
        "nan".to_owned()
    } else if value.is_infinite() {
        if value > 0.0 { "inf".to_owned() } else { "(-inf)".to_owned() }
    } else if value.is_sign_negative() {
        format!("({value:?})")
    } else {
        format!("{value:?}")
    }
}

/// `true` or `false`.
pub fn boolean(value: bool) -> &'static str {
    if value { "true" } else { "false" }
}

/// A moment as `DateTime64(9,'UTC')`, exact to the nanosecond. Moments outside
/// 1677..2262 (which 64 bits of nanoseconds cannot hold) are held at the edge.
pub fn ts(at: DateTime<Utc>) -> String {
    let edge = if at.timestamp() < 0 { i64::MIN } else { i64::MAX };
    ts_nanos(at.timestamp_nanos_opt().unwrap_or(edge))
}

/// A moment as `DateTime64(9,'UTC')` from nanoseconds since the epoch.
pub fn ts_nanos(nanos: i64) -> String {
    format!("fromUnixTimestamp64Nano({nanos},'UTC')")
}

/// A moment as a text that a column of type `DateTime64(_,'UTC')` is compared with, exact to the nanosecond. Of hundreds in
/// a list ClickHouse reads texts several times as fast as calls of a function. Moments that such a text may not hold are
/// written as by [`ts`].
pub fn ts_in_list(at: DateTime<Utc>) -> String {
    if (1970..2200).contains(&at.year()) {
        format!("'{}'", at.format("%Y-%m-%d %H:%M:%S%.9f"))
    } else {
        ts(at)
    }
}

/// Bytes (trace and span ids) as `unhex('..')`.
pub fn bytes(value: &[u8]) -> String {
    format!("unhex('{}')", hex::encode(value))
}

/// An id written in hex as `unhex('..')`; `None` unless `text` is exactly `len` bytes of
/// hex digits. Capital letters are accepted.
pub fn hex_id(text: &str, len: usize) -> Option<String> {
    let raw = hex::decode(text).ok()?;
    (raw.len() == len).then(|| bytes(&raw))
}

/// A trace id written in 32 hex digits; `None` for anything else.
pub fn trace_id(text: &str) -> Option<String> {
    hex_id(text, 16)
}

/// A span id written in 16 hex digits; `None` for anything else.
pub fn span_id(text: &str) -> Option<String> {
    hex_id(text, 8)
}

/// A decimal of `scale` digits after the point, exact: `toDecimal128('12.5',12)`.
pub fn decimal(value: rust_decimal::Decimal, scale: u8) -> String {
    format!("toDecimal128('{value}',{scale})")
}

/// `(a,b,c)` from rendered literals, for `IN`. ClickHouse refuses an empty tuple there:
/// an empty list becomes `(NULL)`, which nothing is in.
pub fn tuple<I, T>(items: I) -> String
where
    I: IntoIterator<Item = T>,
    T: Display,
{
    let inner = joined(items);
    if inner.is_empty() { "(NULL)".to_owned() } else { format!("({inner})") }
}

/// `[a,b,c]` from rendered literals.
pub fn array<I, T>(items: I) -> String
where
    I: IntoIterator<Item = T>,
    T: Display,
{
    format!("[{}]", joined(items))
}

fn joined<I, T>(items: I) -> String
where
    I: IntoIterator<Item = T>,
    T: Display,
{
    let mut out = String::new();
    for item in items {
        if !out.is_empty() {
            out.push(',');
        }
        let _ = write!(out, "{item}");
    }
    out
}

#[cfg(test)]
mod tests;

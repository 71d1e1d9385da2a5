//! OTLP/JSON to protobuf bytes, leniently and in one pass.
//!
//! The log holds one format and decoding has one path, so JSON is rewritten as protobuf
//! while it is read: no tree of values in between. The tables of [`schema`] say which key
//! is which field. Lenient means: ids in hex of either case (base64 of the right length is
//! taken with a warning), 64-bit integers as text or number, enums as number or name, `null`
//! and `{}` wherever a value may stand, unknown keys skipped. A text or number that is no id
//! rejects its record, not the batch; an attribute's value that is well-formed JSON and no
//! `AnyValue` is kept as its JSON text.

mod cursor;
mod scalar;
mod schema;

#[cfg(test)]
mod tests;

use cursor::Cursor;
use schema::{Kind, Message};

use crate::signal::Signal;
use crate::wire::{Writer, shown_path};

/// How deep values may be nested in each other.
const MAX_DEPTH: u32 = 100;

/// Why a body is not OTLP/JSON.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}{what} at byte {offset}", if path.is_empty() { String::new() } else { format!("{}: ", shown_path(path)) })]
pub struct JsonError {
    path: String,
    what: String,
    offset: usize,
    /// The text is no JSON from here on: no value around the place can be kept either.
    broken: bool,
}

impl JsonError {
    fn new(offset: usize, what: impl Into<String>) -> Self {
        Self { path: String::new(), what: what.into(), offset, broken: false }
    }

    fn inside(mut self, segment: &str) -> Self {
        self.path = match self.path.as_str() {
            "" => segment.to_owned(),
            path if path.starts_with('[') => format!("{segment}{path}"),
            path => format!("{segment}.{path}"),
        };
        self
    }
}

/// A request rewritten as protobuf.
#[derive(Debug, Default)]
pub struct Rewritten {
    /// The `Export*ServiceRequest` in protobuf.
    pub bytes: Vec<u8>,
    /// Ids that came in base64 instead of hex; the client should be told.
    pub base64_ids: u64,
    /// Attributes' values that are no `AnyValue` and were kept as their JSON text; the client
    /// should be told.
    pub odd_values: u64,
}

/// Rewrites a JSON request of `signal` as protobuf.
pub fn to_protobuf(signal: Signal, body: &[u8]) -> Result<Rewritten, JsonError> {
    let message = match signal {
        Signal::Traces => &schema::TRACES,
        Signal::Logs => &schema::LOGS,
        Signal::Metrics => &schema::METRICS,
    };
    let mut rewrite = Rewrite {
        cursor: Cursor::new(body),
        out: Writer::new(),
        base64_ids: 0,
        odd_values: 0,
        text: Vec::new(),
    };
    rewrite.cursor.skip_whitespace();
    rewrite.message(message, 0)?;
    rewrite.cursor.end()?;
    let Rewrite { out, base64_ids, odd_values, .. } = rewrite;
    Ok(Rewritten { bytes: out.finish(), base64_ids, odd_values })
}

struct Rewrite<'a> {
    cursor: Cursor<'a>,
    out: Writer,
    base64_ids: u64,
    odd_values: u64,
    text: Vec<u8>,
}

impl Rewrite<'_> {
    fn message(&mut self, message: &Message, depth: u32) -> Result<(), JsonError> {
        if depth > MAX_DEPTH {
            return Err(self.cursor.error(format!("values are nested deeper than {MAX_DEPTH}")));
        }
        self.cursor.expect(b'{', "an object")?;
        if self.cursor.take(b'}') {
            return Ok(());
        }
        let mut key = Vec::new();
        loop {
            self.cursor.string(&mut key)?;
            self.cursor.expect(b':', "a colon")?;
            match message.0.iter().find(|field| field.key.as_bytes() == key) {
                Some(field) => {
                    self.field(field.number, field.kind, depth).map_err(|error| error.inside(field.key))?;
                }
                None => self.cursor.skip_value(depth)?,
            }
            if !self.cursor.comma_or(b'}')? {
                return Ok(());
            }
        }
    }

    /// A message that is a value of a field. An `AnyValue` that cannot be read is kept as a
    /// string, its JSON text, as long as that is JSON at all.
    fn item(&mut self, message: &Message, depth: u32) -> Result<(), JsonError> {
        if !std::ptr::eq(message, &raw const schema::ANY_VALUE) {
            return self.message(message, depth);
        }
        let (begin, written) = (self.cursor.mark(), self.out.len());
        let before = (self.base64_ids, self.odd_values);
        let Err(mut error) = self.message(message, depth) else { return Ok(()) };
        if error.broken {
            return Err(error);
        }
        self.cursor.back_to(begin);
        if self.cursor.skip_value(depth).is_err() {
            error.broken = true;
            return Err(error);
        }
        self.out.cut_back(written);
        self.out.bytes(schema::STRING_VALUE, self.cursor.since(begin));
        (self.base64_ids, self.odd_values) = (before.0, before.1 + 1);
        Ok(())
    }

    fn field(&mut self, number: u32, kind: Kind, depth: u32) -> Result<(), JsonError> {
        if self.cursor.null()? {
            return Ok(());
        }
        match kind {
            Kind::One(message) => {
                let mark = self.out.open(number);
                self.item(message, depth + 1)?;
                self.out.close(mark);
                Ok(())
            }
            Kind::Many(message) => self.array(|this| {
                let mark = this.out.open(number);
                if !this.cursor.null()? {
                    this.item(message, depth + 1)?;
                }
                this.out.close(mark);
                Ok(())
            }),
            Kind::PackedFixed64 => {
                let mark = self.out.open(number);
                self.array(|this| {
                    let v = this.unsigned()?;
                    this.out.raw_fixed64(v);
                    Ok(())
                })?;
                self.out.close(mark);
                Ok(())
            }
            Kind::PackedVarint => {
                let mark = self.out.open(number);
                self.array(|this| {
                    let v = this.unsigned()?;
                    this.out.raw_varint(v);
                    Ok(())
                })?;
                self.out.close(mark);
                Ok(())
            }
            Kind::PackedDouble => {
                let mark = self.out.open(number);
                self.array(|this| {
                    let v = this.double()?;
                    this.out.raw_fixed64(v.to_bits());
                    Ok(())
                })?;
                self.out.close(mark);
                Ok(())
            }
            scalar => self.scalar(number, scalar),
        }
    }

    fn array(&mut self, mut item: impl FnMut(&mut Self) -> Result<(), JsonError>) -> Result<(), JsonError> {
        self.cursor.expect(b'[', "an array")?;
        if self.cursor.take(b']') {
            return Ok(());
        }
        for index in 0_usize.. {
            item(self).map_err(|error| error.inside(&format!("[{index}]")))?;
            if !self.cursor.comma_or(b']')? {
                break;
            }
        }
        Ok(())
    }
}

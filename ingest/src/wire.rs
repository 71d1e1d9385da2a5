//! Protobuf's wire format, read and written by hand.
//!
//! [`Reader`] walks the fields of one message over a borrowed slice and allocates nothing.
//! An error says what was wrong, at which byte of the request, and on which path.

#![expect(
    clippy::inline_always,
    reason = "every field of every record goes through these; left to itself the compiler calls them"
)]

mod error;
mod writer;

#[cfg(test)]
mod tests;

pub use error::WireError;
pub(crate) use error::shown_path;
pub use writer::Writer;

/// The value of one field, borrowed from the message.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Wire<'a> {
    /// Wire type 0.
    Varint(u64),
    /// Wire type 1.
    Fixed64(u64),
    /// Wire type 2.
    Len(Chunk<'a>),
    /// Wire type 5.
    Fixed32(u32),
}

/// A stretch of the request, with the offset of its first byte.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Chunk<'a> {
    /// The bytes.
    pub bytes: &'a [u8],
    /// Where they begin, counted from the start of the request.
    pub offset: usize,
}

/// One field: its number and its value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Field<'a> {
    /// The field number, 1 or more.
    pub number: u32,
    /// The value.
    pub value: Wire<'a>,
    /// Where the field's tag is, counted from the start of the request.
    pub offset: usize,
}

impl<'a> Field<'a> {
    /// The value as a length-delimited chunk.
    #[inline(always)]
    pub fn chunk(&self) -> Result<Chunk<'a>, WireError> {
        match self.value {
            Wire::Len(chunk) => Ok(chunk),
            _ => Err(self.wrong("length-delimited")),
        }
    }

    /// The value as raw bytes.
    #[inline(always)]
    pub fn bytes(&self) -> Result<&'a [u8], WireError> {
        Ok(self.chunk()?.bytes)
    }

    /// The value as a varint.
    #[inline(always)]
    pub fn varint(&self) -> Result<u64, WireError> {
        match self.value {
            Wire::Varint(v) => Ok(v),
            _ => Err(self.wrong("varint")),
        }
    }

    /// The value as eight bytes.
    #[inline(always)]
    pub fn fixed64(&self) -> Result<u64, WireError> {
        match self.value {
            Wire::Fixed64(v) => Ok(v),
            _ => Err(self.wrong("fixed64")),
        }
    }

    /// The value as four bytes.
    #[inline(always)]
    pub fn fixed32(&self) -> Result<u32, WireError> {
        match self.value {
            Wire::Fixed32(v) => Ok(v),
            _ => Err(self.wrong("fixed32")),
        }
    }

    /// The value as a double.
    pub fn double(&self) -> Result<f64, WireError> {
        self.fixed64().map(f64::from_bits)
    }

    #[cold]
    fn wrong(&self, expected: &str) -> WireError {
        let got = match self.value {
            Wire::Varint(_) => "varint",
            Wire::Fixed64(_) => "fixed64",
            Wire::Len(_) => "length-delimited",
            Wire::Fixed32(_) => "fixed32",
        };
        WireError::new(self.offset, format!("field {} is {got}, expected {expected}", self.number))
    }
}

/// Reads the fields of one message.
#[derive(Debug, Clone)]
pub struct Reader<'a> {
    bytes: &'a [u8],
    pos: usize,
    base: usize,
}

impl<'a> Reader<'a> {
    /// Reads a whole request.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, pos: 0, base: 0 }
    }

    /// Reads a message inside a request.
    pub fn of(chunk: Chunk<'a>) -> Self {
        Self { bytes: chunk.bytes, pos: 0, base: chunk.offset }
    }

    /// Whether everything has been read.
    pub fn is_empty(&self) -> bool {
        self.pos >= self.bytes.len()
    }

    /// The next field, or `None` at the end.
    #[inline(always)]
    pub fn next_field(&mut self) -> Result<Option<Field<'a>>, WireError> {
        if self.is_empty() {
            return Ok(None);
        }
        let offset = self.base + self.pos;
        let tag = self.varint()?;
        let number = (tag >> 3) as u32;
        if !(1 << 3..1 << 32).contains(&tag) {
            return Err(bad_number(offset, tag));
        }
        let value = match tag & 7 {
            0 => Wire::Varint(self.varint()?),
            1 => Wire::Fixed64(self.fixed64()?),
            2 => Wire::Len(self.chunk()?),
            3 => {
                self.skip_group(number, offset, 0)?;
                return self.next_field();
            }
            5 => Wire::Fixed32(self.fixed32()?),
            other => return Err(bad_type(offset, other)),
        };
        Ok(Some(Field { number, value, offset }))
    }

    /// A base-128 varint.
    #[inline(always)]
    pub fn varint(&mut self) -> Result<u64, WireError> {
        if let Some(&byte) = self.bytes.get(self.pos)
            && byte < 0x80
        {
            self.pos += 1;
            return Ok(u64::from(byte));
        }
        self.long_varint()
    }

    fn long_varint(&mut self) -> Result<u64, WireError> {
        let start = self.pos;
        let mut value = 0_u64;
        for shift in (0..64).step_by(7) {
            let Some(&byte) = self.bytes.get(self.pos) else {
                return Err(WireError::new(self.base + start, "a varint is cut off"));
            };
            self.pos += 1;
            if shift == 63 && byte > 1 {
                break;
            }
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(WireError::new(self.base + start, "a varint is longer than 64 bits"))
    }

    /// Eight bytes, little-endian.
    #[inline(always)]
    pub fn fixed64(&mut self) -> Result<u64, WireError> {
        match self.bytes.get(self.pos..).and_then(<[u8]>::first_chunk::<8>) {
            Some(bytes) => {
                self.pos += 8;
                Ok(u64::from_le_bytes(*bytes))
            }
            None => Err(WireError::new(self.base + self.pos, "an 8-byte value is cut off")),
        }
    }

    /// Four bytes, little-endian.
    #[inline]
    pub fn fixed32(&mut self) -> Result<u32, WireError> {
        match self.bytes.get(self.pos..).and_then(<[u8]>::first_chunk::<4>) {
            Some(bytes) => {
                self.pos += 4;
                Ok(u32::from_le_bytes(*bytes))
            }
            None => Err(WireError::new(self.base + self.pos, "a 4-byte value is cut off")),
        }
    }

    #[inline(always)]
    fn chunk(&mut self) -> Result<Chunk<'a>, WireError> {
        let at = self.pos;
        let len = self.varint()?;
        let left = self.bytes.len() - self.pos;
        if len > left as u64 {
            return Err(too_long(self.base + at, len, left));
        }
        let chunk =
            Chunk { bytes: &self.bytes[self.pos..self.pos + len as usize], offset: self.base + self.pos };
        self.pos += len as usize;
        Ok(chunk)
    }

    /// Skips a deprecated group, nested ones included.
    fn skip_group(&mut self, number: u32, offset: usize, depth: u32) -> Result<(), WireError> {
        if depth > 16 {
            return Err(WireError::new(offset, "groups are nested deeper than 16"));
        }
        while !self.is_empty() {
            let at = self.base + self.pos;
            let tag = self.varint()?;
            match tag & 7 {
                0 => drop(self.varint()?),
                1 => drop(self.fixed64()?),
                2 => drop(self.chunk()?),
                3 => self.skip_group((tag >> 3) as u32, at, depth + 1)?,
                4 if tag >> 3 == u64::from(number) => return Ok(()),
                5 => drop(self.fixed32()?),
                _ => return Err(WireError::new(at, "a group is not closed properly")),
            }
        }
        Err(WireError::new(offset, "a group is not closed"))
    }
}

#[cold]
fn bad_number(offset: usize, tag: u64) -> WireError {
    WireError::new(offset, format!("field number {} is out of range", tag >> 3))
}

#[cold]
fn bad_type(offset: usize, wire_type: u64) -> WireError {
    WireError::new(offset, format!("wire type {wire_type} does not exist here"))
}

#[cold]
fn too_long(offset: usize, len: u64, left: usize) -> WireError {
    WireError::new(offset, format!("a length of {len} runs past the end ({left} left)"))
}

/// Undoes protobuf's zig-zag of signed numbers.
pub const fn zigzag(v: u64) -> i64 {
    (v >> 1) as i64 ^ -((v & 1) as i64)
}

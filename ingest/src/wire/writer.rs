//! Writing protobuf's wire format: what the JSON reader and the responses need.

use super::{Field, Wire};

/// Builds one message.
#[derive(Debug, Default, Clone)]
pub struct Writer {
    out: Vec<u8>,
}

impl Writer {
    /// An empty message.
    pub fn new() -> Self {
        Self::default()
    }

    /// The bytes.
    pub fn finish(self) -> Vec<u8> {
        self.out
    }

    /// Bytes written so far.
    pub fn len(&self) -> usize {
        self.out.len()
    }

    /// Whether nothing has been written.
    pub fn is_empty(&self) -> bool {
        self.out.is_empty()
    }

    /// Takes back everything behind the first `len` bytes.
    pub fn cut_back(&mut self, len: usize) {
        self.out.truncate(len);
    }

    /// A bare varint.
    pub fn raw_varint(&mut self, mut v: u64) {
        while v >= 0x80 {
            self.out.push((v as u8) | 0x80);
            v >>= 7;
        }
        self.out.push(v as u8);
    }

    /// A field as it was read.
    pub fn field(&mut self, field: &Field<'_>) {
        match field.value {
            Wire::Varint(v) => self.varint(field.number, v),
            Wire::Fixed64(v) => self.fixed64(field.number, v),
            Wire::Len(chunk) => self.bytes(field.number, chunk.bytes),
            Wire::Fixed32(v) => self.fixed32(field.number, v),
        }
    }

    fn tag(&mut self, number: u32, wire: u8) {
        self.raw_varint(u64::from(number) << 3 | u64::from(wire));
    }

    /// A varint field.
    pub fn varint(&mut self, number: u32, v: u64) {
        self.tag(number, 0);
        self.raw_varint(v);
    }

    /// A signed field in zig-zag form.
    pub fn sint(&mut self, number: u32, v: i64) {
        self.varint(number, ((v << 1) ^ (v >> 63)) as u64);
    }

    /// An eight-byte field.
    pub fn fixed64(&mut self, number: u32, v: u64) {
        self.tag(number, 1);
        self.raw_fixed64(v);
    }

    /// Bare eight bytes.
    pub fn raw_fixed64(&mut self, v: u64) {
        self.out.extend_from_slice(&v.to_le_bytes());
    }

    /// A four-byte field.
    pub fn fixed32(&mut self, number: u32, v: u32) {
        self.tag(number, 5);
        self.out.extend_from_slice(&v.to_le_bytes());
    }

    /// A length-delimited field.
    pub fn bytes(&mut self, number: u32, v: &[u8]) {
        self.tag(number, 2);
        self.raw_varint(v.len() as u64);
        self.out.extend_from_slice(v);
    }

    /// Opens a length-delimited field whose length is not known yet.
    pub fn open(&mut self, number: u32) -> usize {
        self.tag(number, 2);
        self.out.len()
    }

    /// Closes the field opened at `mark`: puts its length in front of its bytes.
    pub fn close(&mut self, mark: usize) {
        let mut len = (self.out.len() - mark) as u64;
        let mut prefix = [0_u8; 10];
        let mut n = 0;
        while len >= 0x80 {
            prefix[n] = (len as u8) | 0x80;
            len >>= 7;
            n += 1;
        }
        prefix[n] = len as u8;
        self.out.splice(mark..mark, prefix[..=n].iter().copied());
    }
}

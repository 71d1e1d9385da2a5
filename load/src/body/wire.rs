//! Protobuf's wire format, written with a memory of what has to be filled in later.

use super::template::{Hole, Placed};

/// A message under construction: its bytes and the holes in them.
#[derive(Debug, Default, Clone)]
pub(super) struct Message {
    pub(super) bytes: Vec<u8>,
    pub(super) holes: Vec<Placed>,
}

impl Message {
    fn raw_varint(&mut self, mut v: u64) {
        while v >= 0x80 {
            self.bytes.push((v as u8) | 0x80);
            v >>= 7;
        }
        self.bytes.push(v as u8);
    }

    fn tag(&mut self, number: u32, wire: u8) {
        self.raw_varint(u64::from(number) << 3 | u64::from(wire));
    }

    /// Remembers a hole `ahead` bytes behind what is written so far.
    fn hole(&mut self, ahead: usize, hole: Hole) {
        self.holes.push(Placed { at: (self.bytes.len() + ahead) as u32, hole });
    }

    pub(super) fn varint(&mut self, number: u32, v: u64) {
        self.tag(number, 0);
        self.raw_varint(v);
    }

    pub(super) fn fixed32(&mut self, number: u32, v: u32) {
        self.tag(number, 5);
        self.bytes.extend_from_slice(&v.to_le_bytes());
    }

    pub(super) fn double(&mut self, number: u32, v: f64) {
        self.tag(number, 1);
        self.bytes.extend_from_slice(&v.to_le_bytes());
    }

    /// A time that lies `before` nanoseconds before the body is filled.
    pub(super) fn time(&mut self, number: u32, before: u64) {
        self.tag(number, 1);
        self.hole(0, Hole::Time { before });
        self.bytes.extend_from_slice(&[0; 8]);
    }

    /// A signed number: the body's number times 2^32, plus `low`.
    pub(super) fn body_times_2_32(&mut self, number: u32, low: u32) {
        self.tag(number, 1);
        self.bytes.extend_from_slice(&low.to_le_bytes());
        self.hole(0, Hole::BodyLittleEndian);
        self.bytes.extend_from_slice(&[0; 4]);
    }

    /// An id: `before`, the body's number, `after`.
    pub(super) fn id(&mut self, number: u32, before: &[u8], after: u32) {
        self.tag(number, 2);
        self.raw_varint(before.len() as u64 + 8);
        self.bytes.extend_from_slice(before);
        self.hole(0, Hole::Body);
        self.bytes.extend_from_slice(&[0; 4]);
        self.bytes.extend_from_slice(&after.to_be_bytes());
    }

    pub(super) fn text(&mut self, number: u32, text: &str) {
        self.text_with(number, text, None);
    }

    /// Text with a hole that begins at its byte `at`.
    pub(super) fn text_with(&mut self, number: u32, text: &str, hole: Option<(usize, Hole)>) {
        self.tag(number, 2);
        self.raw_varint(text.len() as u64);
        if let Some((at, hole)) = hole {
            self.hole(at, hole);
        }
        self.bytes.extend_from_slice(text.as_bytes());
    }

    /// A message inside this one.
    pub(super) fn message(&mut self, number: u32, inner: &Self) {
        self.tag(number, 2);
        self.raw_varint(inner.bytes.len() as u64);
        let shift = self.bytes.len() as u32;
        self.holes.extend(inner.holes.iter().map(|one| Placed { at: one.at + shift, hole: one.hole }));
        self.bytes.extend_from_slice(&inner.bytes);
    }
}

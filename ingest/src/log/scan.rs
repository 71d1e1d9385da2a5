//! Reading records one after the other, past damage.

use super::record::{Body, Data, HEAD, Key, Record};

/// What is found in a stretch of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Item<'a> {
    /// A request.
    Data(Data<'a>),
    /// Bytes that are no record, at an offset of the segment.
    Damage {
        /// Where they begin.
        offset: u64,
        /// The bytes, up to the next record.
        bytes: &'a [u8],
    },
}

/// A record or damage, with its place.
#[derive(Debug, Clone, Copy)]
pub(super) enum Found<'a> {
    Record { end: u64, durable: u64, body: Body<'a> },
    Damage { offset: u64, bytes: &'a [u8] },
}

/// Walks the records of a stretch.
#[derive(Debug)]
pub(super) struct Scan<'a> {
    bytes: &'a [u8],
    pos: usize,
    base: u64,
    key: Key,
}

impl<'a> Scan<'a> {
    /// Reads `bytes`, which begin at offset `base` of the segment.
    pub(super) fn new(bytes: &'a [u8], base: u64, key: Key) -> Self {
        Self { bytes, pos: 0, base, key }
    }

    pub(super) fn next_found(&mut self) -> Option<Found<'a>> {
        let rest = &self.bytes[self.pos..];
        if rest.is_empty() {
            return None;
        }
        if let Some(record) = Record::read(self.key, rest) {
            self.pos += record.size;
            let end = self.base + self.pos as u64;
            return Some(Found::Record { end, durable: record.durable, body: record.body });
        }
        let offset = self.base + self.pos as u64;
        let len = self.next_record(rest).unwrap_or(rest.len());
        self.pos += len;
        Some(Found::Damage { offset, bytes: &rest[..len] })
    }

    /// Where the next whole record begins after the first byte.
    fn next_record(&self, rest: &[u8]) -> Option<usize> {
        let sync = self.key.sync.to_le_bytes();
        (1..rest.len().saturating_sub(HEAD - 1))
            .find(|at| rest[*at..].starts_with(&sync) && Record::read(self.key, &rest[*at..]).is_some())
    }
}

impl<'a> Iterator for Scan<'a> {
    type Item = Item<'a>;

    fn next(&mut self) -> Option<Item<'a>> {
        loop {
            match self.next_found()? {
                Found::Record { body: Body::Data(data, _), .. } => return Some(Item::Data(data)),
                Found::Record { .. } => {}
                Found::Damage { offset, bytes } => return Some(Item::Damage { offset, bytes }),
            }
        }
    }
}

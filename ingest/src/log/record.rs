//! The form of a record.
//!
//! ```text
//! sync u32 | body length u32 | durable u64 | crc of body u32 | crc of head u32 | body
//! ```
//!
//! `sync` and the seed of the checksums are the log's own random numbers, so that bytes a
//! client sends can never pass for a record. `durable` is the offset up to which the segment
//! was known to be on disk when the record was written: it tells damage in acknowledged
//! bytes from a torn tail.

use crate::decode::Window;
use crate::signal::Signal;

use super::position::push_place;
use super::{Position, Receipt, Slice};

/// Bytes in front of a body.
pub(super) const HEAD: usize = 24;

/// The longest body: 1 GiB.
const MAX_BODY: u32 = 1 << 30;

/// What makes a log's records its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Key {
    pub(super) sync: u32,
    pub(super) seed: u32,
}

impl Key {
    fn crc(self, bytes: &[u8]) -> u32 {
        let mut hasher = crc32fast::Hasher::new_with_initial(self.seed);
        hasher.update(bytes);
        hasher.finalize()
    }
}

/// A request as it is logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Data<'a> {
    /// Who sent it.
    pub tenant: &'a str,
    /// What it is.
    pub signal: Signal,
    /// Rows that will come of it.
    pub rows: u32,
    /// When it was received, nanoseconds since the epoch.
    pub received_ns: i64,
    /// The times that were accepted.
    pub window: Window,
    /// The request: protobuf, not compressed.
    pub payload: &'a [u8],
}

/// How a record is recognised when what it holds comes again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark<'a> {
    /// It is not.
    None,
    /// By the hash of the request.
    Request(Receipt<'a>),
    /// By where it stood in its source.
    Position(Position<'a>),
}

/// The body of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Body<'a> {
    /// A request.
    Data(Data<'a>, Mark<'a>),
    /// A slice was cut.
    Cut(Slice),
    /// A slice was stored, or put aside as dead.
    Commit(Slice, bool),
}

/// A body in bytes; the checksum is made when the log's key is known.
#[derive(Debug)]
pub(super) struct Encoded {
    body: Vec<u8>,
}

const DATA: u8 = 1;
const CUT: u8 = 2;
const COMMIT: u8 = 3;
/// As `DATA`, with a mark between the tenant and the payload.
const MARKED: u8 = 4;

const REQUEST: u8 = 1;
const POSITION: u8 = 2;

impl Encoded {
    pub(super) fn data(data: &Data<'_>, mark: Mark<'_>) -> Self {
        let tenant = &data.tenant.as_bytes()[..data.tenant.len().min(usize::from(u16::MAX))];
        let mut body = Vec::with_capacity(64 + tenant.len() + data.payload.len());
        body.push(if mark == Mark::None { DATA } else { MARKED });
        body.push(data.signal.code());
        body.extend_from_slice(&data.rows.to_le_bytes());
        body.extend_from_slice(&data.received_ns.to_le_bytes());
        body.extend_from_slice(&data.window.not_before.to_le_bytes());
        body.extend_from_slice(&data.window.not_after.to_le_bytes());
        body.extend_from_slice(&(tenant.len() as u16).to_le_bytes());
        body.extend_from_slice(tenant);
        match mark {
            Mark::None => {}
            Mark::Request(receipt) => {
                body.push(REQUEST);
                push_receipt(&mut body, receipt);
            }
            Mark::Position(Position { source, topic, partition, from_offset, to_offset }) => {
                body.push(POSITION);
                body.extend_from_slice(&from_offset.to_le_bytes());
                body.extend_from_slice(&to_offset.to_le_bytes());
                push_place(&mut body, source, topic, partition);
            }
        }
        body.extend_from_slice(data.payload);
        Self { body }
    }

    pub(super) fn cut(slice: Slice) -> Self {
        let mut body = vec![CUT];
        push_slice(&mut body, slice);
        Self { body }
    }

    pub(super) fn commit(slice: Slice, dead: bool) -> Self {
        let mut body = vec![COMMIT];
        push_slice(&mut body, slice);
        body.push(u8::from(dead));
        Self { body }
    }

    /// A body that is no record of a segment.
    pub(super) fn other(body: Vec<u8>) -> Self {
        Self { body }
    }

    /// Bytes on disk.
    pub(super) fn size(&self) -> u64 {
        (HEAD + self.body.len()) as u64
    }

    /// Appends the record to `out`.
    pub(super) fn write(&self, key: Key, durable: u64, out: &mut Vec<u8>) {
        let start = out.len();
        out.extend_from_slice(&key.sync.to_le_bytes());
        out.extend_from_slice(&(self.body.len() as u32).to_le_bytes());
        out.extend_from_slice(&durable.to_le_bytes());
        out.extend_from_slice(&key.crc(&self.body).to_le_bytes());
        let head = key.crc(&out[start..]);
        out.extend_from_slice(&head.to_le_bytes());
        out.extend_from_slice(&self.body);
    }
}

/// A record that was read and whose checksums are right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Record<'a> {
    pub(super) size: usize,
    pub(super) durable: u64,
    pub(super) body: Body<'a>,
}

impl<'a> Record<'a> {
    /// The record at the start of `bytes`, if a whole and right one is there.
    pub(super) fn read(key: Key, bytes: &'a [u8]) -> Option<Self> {
        let frame = Frame::read(key, bytes)?;
        Some(Self { size: frame.size, durable: frame.durable, body: Body::read(frame.body)? })
    }
}

/// A body whose checksums are right.
#[derive(Debug, Clone, Copy)]
pub(super) struct Frame<'a> {
    pub(super) size: usize,
    durable: u64,
    pub(super) body: &'a [u8],
}

impl<'a> Frame<'a> {
    /// The frame at the start of `bytes`, if a whole and right one is there.
    pub(super) fn read(key: Key, bytes: &'a [u8]) -> Option<Self> {
        let head = bytes.get(..HEAD)?;
        let mut fields = Fields(head);
        let (sync, len, durable) = (fields.u32()?, fields.u32()?, fields.u64()?);
        let (body_crc, head_crc) = (fields.u32()?, fields.u32()?);
        if sync != key.sync || len > MAX_BODY || head_crc != key.crc(&head[..HEAD - 4]) {
            return None;
        }
        let size = HEAD + len as usize;
        let body = bytes.get(HEAD..size)?;
        if body_crc != key.crc(body) {
            return None;
        }
        Some(Self { size, durable, body })
    }
}

impl<'a> Body<'a> {
    fn read(bytes: &'a [u8]) -> Option<Self> {
        let mut fields = Fields(bytes);
        match fields.u8()? {
            kind @ (DATA | MARKED) => {
                let signal = Signal::from_code(fields.u8()?)?;
                let rows = fields.u32()?;
                let received_ns = fields.u64()? as i64;
                let window = Window { not_before: fields.u64()? as i64, not_after: fields.u64()? as i64 };
                let tenant = fields.text()?;
                let mark = if kind == MARKED { fields.mark()? } else { Mark::None };
                let data = Data { tenant, signal, rows, received_ns, window, payload: fields.0 };
                Some(Self::Data(data, mark))
            }
            CUT => Some(Self::Cut(fields.slice()?)),
            COMMIT => {
                let slice = fields.slice()?;
                Some(Self::Commit(slice, fields.u8()? != 0))
            }
            _ => None,
        }
    }
}

fn push_slice(body: &mut Vec<u8>, slice: Slice) {
    for v in [slice.segment, slice.start, slice.end] {
        body.extend_from_slice(&v.to_le_bytes());
    }
}

/// `hash u128 | rejected u32 | message length u16 | message`
pub(super) fn push_receipt(body: &mut Vec<u8>, receipt: Receipt<'_>) {
    let message = receipt.message;
    let message = &message[..message.floor_char_boundary(usize::from(u16::MAX))];
    body.extend_from_slice(&receipt.hash.to_le_bytes());
    body.extend_from_slice(&receipt.rejected.to_le_bytes());
    body.extend_from_slice(&(message.len() as u16).to_le_bytes());
    body.extend_from_slice(message.as_bytes());
}

/// The fields of a body that are not read yet.
#[derive(Debug)]
pub(super) struct Fields<'a>(pub(super) &'a [u8]);

impl<'a> Fields<'a> {
    fn take(&mut self, n: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(n)?;
        self.0 = rest;
        Some(taken)
    }

    pub(super) fn u8(&mut self) -> Option<u8> {
        self.take(1).map(|b| b[0])
    }

    fn u16(&mut self) -> Option<u16> {
        Some(u16::from_le_bytes(self.take(2)?.try_into().ok()?))
    }

    fn u32(&mut self) -> Option<u32> {
        Some(u32::from_le_bytes(self.take(4)?.try_into().ok()?))
    }

    pub(super) fn u64(&mut self) -> Option<u64> {
        Some(u64::from_le_bytes(self.take(8)?.try_into().ok()?))
    }

    fn u128(&mut self) -> Option<u128> {
        Some(u128::from_le_bytes(self.take(16)?.try_into().ok()?))
    }

    pub(super) fn receipt(&mut self) -> Option<Receipt<'a>> {
        let (hash, rejected) = (self.u128()?, self.u32()?);
        Some(Receipt { hash, rejected, message: self.text()? })
    }

    fn mark(&mut self) -> Option<Mark<'a>> {
        match self.u8()? {
            REQUEST => Some(Mark::Request(self.receipt()?)),
            POSITION => {
                let (from_offset, to_offset) = (self.u64()?, self.u64()?);
                let (source, topic, partition) = self.place()?;
                Some(Mark::Position(Position { source, topic, partition, from_offset, to_offset }))
            }
            _ => None,
        }
    }

    /// Source, topic and partition.
    pub(super) fn place(&mut self) -> Option<(&'a str, &'a str, i32)> {
        let partition = self.u32()? as i32;
        Some((self.text()?, self.text()?, partition))
    }

    fn text(&mut self) -> Option<&'a str> {
        let len = usize::from(self.u16()?);
        std::str::from_utf8(self.take(len)?).ok()
    }

    fn slice(&mut self) -> Option<Slice> {
        Some(Slice { segment: self.u64()?, start: self.u64()?, end: self.u64()? })
    }
}

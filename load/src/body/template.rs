//! A request with holes.

use super::wire::Message;

/// Bytes in front of the request in a buffer: the frame of a gRPC message. HTTP leaves them out.
pub(crate) const PREFIX: usize = 5;

/// No record is older than this when its body is filled, in nanoseconds.
pub(crate) const MAX_AGE_NS: u64 = 60_000_000_000;

/// Customers there are.
pub(super) const CUSTOMERS: u32 = 50_000;

/// What belongs into a hole.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Hole {
    /// The body's number, four bytes, big-endian.
    Body,
    /// The body's number, four bytes, little-endian.
    BodyLittleEndian,
    /// The body's number, eight hexadecimal digits.
    BodyHex,
    /// Nanoseconds since the epoch, eight bytes, little-endian.
    Time { before: u64 },
    /// The number of the customer whose trace it is, five decimal digits.
    Customer { trace: u32 },
}

/// A hole and the offset of its first byte.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Placed {
    pub(super) at: u32,
    pub(super) hole: Hole,
}

/// A whole request, with its frame in front.
#[derive(Debug)]
pub(super) struct Template {
    pub(super) bytes: Vec<u8>,
    holes: Vec<Placed>,
}

impl Template {
    pub(super) fn new(request: &Message) -> Self {
        let mut bytes = Vec::with_capacity(PREFIX + request.bytes.len());
        bytes.push(0);
        bytes.extend_from_slice(&(request.bytes.len() as u32).to_be_bytes());
        bytes.extend_from_slice(&request.bytes);
        let shifted = |one: &Placed| Placed { at: one.at + PREFIX as u32, hole: one.hole };
        Self { bytes, holes: request.holes.iter().map(shifted).collect() }
    }

    /// Fills the holes of a copy of this template, in the order of their offsets: one pass over
    /// the buffer.
    pub(super) fn fill(&self, buffer: &mut [u8], body: u32, base_ns: u64, seed: u64) {
        let (big, little) = (body.to_be_bytes(), body.to_le_bytes());
        let mut digits = [0; 8];
        hex::encode_to_slice(big, &mut digits).expect("four bytes are eight digits");
        for Placed { at, hole } in &self.holes {
            let at = *at as usize;
            match *hole {
                Hole::Body => buffer[at..at + 4].copy_from_slice(&big),
                Hole::BodyLittleEndian => buffer[at..at + 4].copy_from_slice(&little),
                Hole::BodyHex => buffer[at..at + 8].copy_from_slice(&digits),
                Hole::Time { before } => {
                    buffer[at..at + 8].copy_from_slice(&(base_ns - before).to_le_bytes());
                }
                Hole::Customer { trace } => {
                    let mut number = customer(seed, body, trace);
                    for digit in buffer[at..at + 5].iter_mut().rev() {
                        *digit = b'0' + (number % 10) as u8;
                        number /= 10;
                    }
                }
            }
        }
    }
}

/// The customer of a trace: splitmix64's finish, which spreads neighbours over the whole range.
fn customer(seed: u64, body: u32, trace: u32) -> u32 {
    let mut z =
        seed.wrapping_add((u64::from(body) << 32 | u64::from(trace)).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((z ^ (z >> 31)) % u64::from(CUSTOMERS)) as u32
}

//! The few things protobuf's wire format is made of.

/// Appends `n` as a varint.
pub(crate) fn varint(out: &mut Vec<u8>, mut n: u64) {
    while n >= 0x80 {
        out.push(n as u8 | 0x80);
        n >>= 7;
    }
    out.push(n as u8);
}

/// Appends a field's number and wire type.
pub(crate) fn tag(out: &mut Vec<u8>, number: u32, wire_type: u8) {
    varint(out, u64::from(number) << 3 | u64::from(wire_type));
}

/// Appends a field that is a varint.
pub(crate) fn number(out: &mut Vec<u8>, number: u32, n: u64) {
    tag(out, number, 0);
    varint(out, n);
}

/// Appends a field of eight bytes.
pub(crate) fn fixed64(out: &mut Vec<u8>, number: u32, n: u64) {
    tag(out, number, 1);
    out.extend_from_slice(&n.to_le_bytes());
}

/// Appends a field of four bytes.
pub(crate) fn fixed32(out: &mut Vec<u8>, number: u32, n: u32) {
    tag(out, number, 5);
    out.extend_from_slice(&n.to_le_bytes());
}

/// Appends a field with its length: text, bytes, a message, packed numbers.
pub(crate) fn bytes(out: &mut Vec<u8>, number: u32, bytes: &[u8]) {
    tag(out, number, 2);
    varint(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

/// A signed number such that small ones stay short.
pub(crate) fn zigzag(n: i64) -> u64 {
    (n << 1 ^ n >> 63) as u64
}

/// A field that no OTLP message has: number 2047 is far above all of them.
pub(crate) const UNKNOWN: u32 = 2047;

/// The head of an unknown field with which `message` comes to exactly `total` bytes, and how
/// many bytes of padding must follow the head.
pub(crate) fn padding(message: &[u8], total: usize) -> (Vec<u8>, usize) {
    let room = total.saturating_sub(message.len());
    let mut head = Vec::new();
    let mut count = room.saturating_sub(3);
    loop {
        head.clear();
        tag(&mut head, UNKNOWN, 2);
        varint(&mut head, count as u64);
        if head.len() + count <= room || count == 0 {
            return (head, count);
        }
        count -= 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn padding_comes_to_the_length_asked_for() {
        for total in [100, 1_000, 20_000, 3_000_000] {
            let (head, count) = padding(&[0; 50], total);
            let length = 50 + head.len() + count;
            // Where the length needs one more byte, one total in a hundred cannot be met.
            assert!(length == total || length + 1 == total, "{length} for {total}");
        }
    }

    #[test]
    fn numbers_are_as_in_the_encoding_guide() {
        let mut out = Vec::new();
        number(&mut out, 1, 150);
        assert_eq!(out, [0x08, 0x96, 0x01]);
        assert_eq!([zigzag(0), zigzag(-1), zigzag(1), zigzag(-2), zigzag(i64::MIN)], [0, 1, 2, 3, u64::MAX]);
    }
}

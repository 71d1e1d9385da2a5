//! Chunks of a streamed answer into one body.
//!
//! The library formats every chunk as a document of its own. Formats without a beginning
//! and an end can be sent one after the other; two that Headroom's clients use have a
//! header (and Arrow an end mark), which is kept once. Every other format is answered
//! whole instead of streamed.

/// How chunks of a format are put together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stitch {
    /// One after the other.
    Plain,
    /// Names and types before the rows, once.
    NamesAndTypes,
    /// The schema message once, the end mark at the end.
    Arrow,
}

/// End of an Arrow IPC stream.
const ARROW_END: [u8; 8] = [0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0];

impl Stitch {
    /// How to stream `format`, or `None` when it must be answered whole.
    pub(crate) fn of(format: &str) -> Option<Self> {
        match format {
            "RowBinary" | "Native" | "TabSeparated" | "TSV" | "TabSeparatedRaw" | "TSVRaw" | "CSV"
            | "JSONEachRow" | "JSONCompactEachRow" | "LineAsString" | "RawBLOB" => Some(Self::Plain),
            "RowBinaryWithNamesAndTypes" => Some(Self::NamesAndTypes),
            "ArrowStream" => Some(Self::Arrow),
            _ => None,
        }
    }

    /// The part of a chunk that goes into the body. `None` when the chunk does not have
    /// the form of the format.
    pub(crate) fn part(self, chunk: &[u8], first: bool) -> Option<&[u8]> {
        match self {
            Self::Plain => Some(chunk),
            Self::NamesAndTypes if first => Some(chunk),
            Self::NamesAndTypes => chunk.get(names_and_types(chunk)?..),
            Self::Arrow => {
                let chunk = chunk.strip_suffix(&ARROW_END).unwrap_or(chunk);
                if first { Some(chunk) } else { chunk.get(arrow_schema(chunk)?..) }
            }
        }
    }

    /// What closes the body.
    pub(crate) fn end(self) -> &'static [u8] {
        if self == Self::Arrow { &ARROW_END } else { &[] }
    }
}

/// Length of a RowBinaryWithNamesAndTypes header.
fn names_and_types(chunk: &[u8]) -> Option<usize> {
    let (columns, mut at) = varuint(chunk, 0)?;
    for _ in 0..columns.checked_mul(2)? {
        let (len, next) = varuint(chunk, at)?;
        at = next.checked_add(usize::try_from(len).ok()?)?;
    }
    Some(at)
}

/// Length of the schema message that begins an Arrow stream.
fn arrow_schema(chunk: &[u8]) -> Option<usize> {
    let len = u32::from_le_bytes(chunk.get(4..8)?.try_into().ok()?);
    (chunk[..4] == [0xff; 4]).then_some(8 + len as usize)
}

fn varuint(bytes: &[u8], mut at: usize) -> Option<(u64, usize)> {
    let mut value = 0u64;
    for shift in (0..64).step_by(7) {
        let byte = *bytes.get(at)?;
        at += 1;
        value |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some((value, at));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_kept_once() {
        let chunk = b"\x02\x01a\x01b\x05UInt8\x06StringROWS";
        assert_eq!(Stitch::NamesAndTypes.part(chunk, true), Some(&chunk[..]));
        assert_eq!(Stitch::NamesAndTypes.part(chunk, false), Some(&b"ROWS"[..]));
        assert_eq!(Stitch::NamesAndTypes.part(b"\x02\x01a", false), None);
    }

    #[test]
    fn arrow_has_one_schema_and_one_end() {
        let mut chunk = vec![0xff, 0xff, 0xff, 0xff, 4, 0, 0, 0, b's', b'c', b'h', b'm'];
        chunk.extend(b"batch");
        chunk.extend(ARROW_END);
        assert_eq!(Stitch::Arrow.part(&chunk, true), Some(&chunk[..17]));
        assert_eq!(Stitch::Arrow.part(&chunk, false), Some(&b"batch"[..]));
        assert_eq!(Stitch::Arrow.end(), ARROW_END);
    }

    #[test]
    fn documents_are_not_streamed() {
        assert_eq!(Stitch::of("JSON"), None);
        assert_eq!(Stitch::of("CSVWithNames"), None);
    }
}

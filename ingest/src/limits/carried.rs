//! What the limits took out of a request, carried inside the request.
//!
//! Whether a name finds a place depends on what came before, and a slice that is decoded again
//! after a crash must give the same rows. So it is decided once, at receipt, and the request
//! is logged as it was decided: without what was taken out, and with a field of Headroom's own
//! behind it that says what that was. [`super::hand_over`] gives it to the sink like any other
//! refusal, each time the request is walked.

use crate::decode::{Reason, Refused, Sink};
use crate::signal::Signal;
use crate::wire::{Chunk, Reader, Wire, WireError, Writer};

/// The number of the field. No schema may have it: protobuf reserves 19000 to 19999.
const FIELD: u32 = 19_073;

/// The reasons that are carried, by their number in the field, and whether a record is refused.
const REASONS: [(u64, Reason, bool); 5] = [
    (1, Reason::SeriesLimit, true),
    (2, Reason::AttributeKeys, false),
    (3, Reason::ValueCut, false),
    (4, Reason::Contract, true),
    (5, Reason::Contract, false),
];

/// One thing that was taken out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Carried<'a> {
    /// Why.
    pub(crate) reason: Reason,
    /// Whether a record was refused, and not only changed or noted.
    pub(crate) refuses: bool,
    /// In words.
    pub(crate) detail: &'a str,
    /// The record, when a whole one was refused.
    pub(crate) record: &'a [u8],
}

impl Carried<'_> {
    /// Appends the field to a request.
    pub(crate) fn write(&self, out: &mut Writer) {
        let is_this =
            |(_, reason, refuses): &&(u64, Reason, bool)| (*reason, *refuses) == (self.reason, self.refuses);
        let code = REASONS.iter().find(is_this).map_or(0, |(code, ..)| *code);
        let mark = out.open(FIELD);
        out.varint(1, code);
        out.bytes(2, self.detail.as_bytes());
        out.bytes(3, self.record);
        out.close(mark);
    }
}

/// Hands what a request carries to `sink`.
pub(crate) fn hand_over(signal: Signal, payload: &[u8], sink: &mut impl Sink) -> Result<(), WireError> {
    let mut request = Reader::new(payload);
    while let Some(field) = request.next_field()? {
        // What is not of this form is a client's own field, unknown like any other.
        let (FIELD, Wire::Len(chunk)) = (field.number, field.value) else { continue };
        match read(chunk) {
            Ok(Some(Carried { reason, refuses: true, detail, record })) => {
                sink.reject(signal, reason, detail, Refused::plain(record));
            }
            Ok(Some(Carried { reason, detail, record, .. })) => {
                sink.warn(signal, reason, detail, Refused::plain(record))
            }
            Ok(None) | Err(_) => {}
        }
    }
    Ok(())
}

fn read(chunk: Chunk<'_>) -> Result<Option<Carried<'_>>, WireError> {
    let (mut code, mut detail, mut record) = (0, &b""[..], &b""[..]);
    let mut reader = Reader::of(chunk);
    while let Some(field) = reader.next_field()? {
        match field.number {
            1 => code = field.varint()?,
            2 => detail = field.bytes()?,
            3 => record = field.bytes()?,
            _ => {}
        }
    }
    let detail = std::str::from_utf8(detail).unwrap_or("");
    let known = REASONS.into_iter().find(|(known, ..)| *known == code);
    Ok(known.map(|(_, reason, refuses)| Carried { reason, refuses, detail, record }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::{Census, Window, walk};

    #[test]
    fn what_is_carried_is_handed_over_each_time() {
        let mut out = Writer::new();
        Carried { reason: Reason::SeriesLimit, refuses: true, detail: "too many", record: b"point" }
            .write(&mut out);
        Carried { reason: Reason::ValueCut, refuses: false, detail: "cut", record: b"" }.write(&mut out);
        let window = Window { not_before: 0, not_after: 1 };
        let mut census = Census::default();
        walk(Signal::Metrics, &out.finish(), window, 0, &mut census).expect("well-formed");
        assert_eq!((census.accepted, census.rejected, census.warned), (0, 1, 1));
        assert_eq!(census.message(), "series_limit: too many (and 1 more)");
    }

    #[test]
    fn a_field_of_that_number_that_is_not_ours_is_nothing() {
        let mut out = Writer::new();
        out.varint(FIELD, 7);
        out.bytes(FIELD, b"\xff");
        let mark = out.open(FIELD);
        out.varint(1, 99);
        out.close(mark);
        let window = Window { not_before: 0, not_after: 1 };
        let mut census = Census::default();
        walk(Signal::Logs, &out.finish(), window, 0, &mut census).expect("well-formed");
        assert_eq!(census, Census::default());
    }
}

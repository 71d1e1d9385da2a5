//! Records that are refused, kept so that each can be sent again by itself.

use std::borrow::Cow;

use crate::wire::{Field, Wire, Writer};

/// The field of the records in a scope's message, and of the scopes in a resource's.
const INSIDE: u32 = 2;

/// The most bytes of a field's tag and length, or of its tag and number.
const HEAD: usize = 15;

/// What is around a record in its request: the fields of its resource's message (level 0) and of its
/// scope's (level 1), those inside left out.
#[derive(Debug, Default)]
pub(crate) struct Around<'a> {
    fields: [Vec<Field<'a>>; 2],
    /// Of the fields of each level.
    bytes: [usize; 2],
}

impl<'a> Around<'a> {
    /// Another message begins on a level.
    pub(crate) fn begin(&mut self, level: usize) {
        self.fields[level].clear();
        self.bytes[level] = 0;
    }

    /// Keeps a field of the message of a level.
    pub(crate) fn keep(&mut self, level: usize, field: Field<'a>) {
        if field.number != INSIDE {
            self.fields[level].push(field);
            self.bytes[level] += match field.value {
                Wire::Len(chunk) => HEAD + chunk.bytes.len(),
                _ => HEAD,
            };
        }
    }

    /// A request with this record alone. The same numbers of fields hold for spans and log records.
    fn single(&self, record: &[u8]) -> Vec<u8> {
        let mut out = Writer::new();
        let resource = out.open(1);
        self.fields[0].iter().for_each(|field| out.field(field));
        let scope = out.open(INSIDE);
        self.fields[1].iter().for_each(|field| out.field(field));
        out.bytes(INSIDE, record);
        out.close(scope);
        out.close(resource);
        out.finish()
    }
}

/// A record that is refused.
#[derive(Debug, Clone, Copy)]
pub struct Refused<'a> {
    around: Option<&'a Around<'a>>,
    bytes: &'a [u8],
}

impl<'a> Refused<'a> {
    /// Bytes that are kept as they are.
    pub(crate) fn plain(bytes: &'a [u8]) -> Self {
        Self { around: None, bytes }
    }

    /// A record that is kept as a request of its own.
    pub(crate) fn single(around: &'a Around<'a>, bytes: &'a [u8]) -> Self {
        Self { around: Some(around), bytes }
    }

    /// The bytes to keep; none when there is no room for them any more.
    pub(crate) fn kept(self, room: &mut Room) -> Cow<'a, [u8]> {
        let size = self.bytes.len() + self.around.map_or(0, |around| around.bytes.iter().sum());
        match (room.0.checked_sub(size), self.around) {
            (None, _) => Cow::Borrowed(b""),
            (Some(left), around) => {
                room.0 = left;
                around.map_or(Cow::Borrowed(self.bytes), |around| Cow::Owned(around.single(self.bytes)))
            }
        }
    }
}

/// Room for the refused records of a request. Each brings its resource along, so a small request with
/// many records and a large resource could fill the memory.
#[derive(Debug, Default)]
pub(crate) struct Room(usize);

impl Room {
    /// Of a request of so many bytes.
    pub(crate) fn of(bytes: usize) -> Self {
        Self((1 << 20) + bytes.saturating_mul(4))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::Chunk;

    #[test]
    fn what_is_kept_of_a_request_is_bounded_by_its_size() {
        let resource = vec![7; 100_000];
        let mut around = Around::default();
        let value = Wire::Len(Chunk { bytes: &resource, offset: 0 });
        around.keep(0, Field { number: 1, offset: 0, value });
        let mut room = Room::of(200_000);
        let kept: Vec<_> =
            (0..1000).map(|_| Refused::single(&around, b"record").kept(&mut room).len()).collect();
        assert!(
            kept[0] > 100_006 && kept.iter().sum::<usize>() < 2_000_000,
            "{}",
            kept.iter().sum::<usize>()
        );
        assert_eq!((kept[999], &*Refused::plain(b"small").kept(&mut room)), (0, &b"small"[..]));
        around.begin(0);
        assert_eq!(Refused::single(&around, b"x").kept(&mut room).len(), 2 + 2 + 3);
    }
}

//! Where a source outside stands: which offset of a partition is the next to be taken.
//!
//! A position is in the log record of the data that it is about, so both are durable or
//! neither is, and after a crash the log says exactly where to go on. When a record's segment
//! is deleted, the position goes to the file `recent` first.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap};

use tokio::sync::oneshot;

use super::record::Fields;

/// A range of offsets of a partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position<'a> {
    /// Whose offsets these are, for example `kafka/orders-cluster/headroom`. At most 65,535
    /// bytes, like the topic.
    pub source: &'a str,
    /// The topic.
    pub topic: &'a str,
    /// The partition.
    pub partition: i32,
    /// The first offset.
    pub from_offset: u64,
    /// The offset behind the last: the next to be taken. A range that is empty sets the
    /// position, also backwards.
    pub to_offset: u64,
}

/// What became of a range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Placed {
    /// It is on disk now.
    Stored,
    /// It was taken before.
    Past,
    /// A part of it was taken before: nothing was done, the rest begins at `next`.
    Overlap {
        /// The next offset to be taken.
        next: u64,
    },
}

/// A partition.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Place {
    source: String,
    topic: String,
    partition: i32,
}

impl From<&Position<'_>> for Place {
    fn from(position: &Position<'_>) -> Self {
        Self::new(position.source, position.topic, position.partition)
    }
}

impl Place {
    pub(super) fn new(source: &str, topic: &str, partition: i32) -> Self {
        Self { source: source.to_owned(), topic: topic.to_owned(), partition }
    }
}

/// What is known of a partition.
#[derive(Debug, Clone, Copy)]
struct Known {
    next: u64,
    /// The segment of the record that says so, also when that is deleted.
    segment: u64,
    /// It was read from the file `recent`.
    filed: bool,
}

/// What a range's beginning says.
#[derive(Debug)]
pub(super) enum Begun {
    /// It is under way from now on, until it is finished or abandoned.
    First,
    /// It is not to be written.
    Known(Placed),
    /// The partition has another range under way; this ends when that is over.
    UnderWay(oneshot::Receiver<()>),
}

/// The positions of all partitions.
#[derive(Debug, Default)]
pub(super) struct Positions {
    known: BTreeMap<Place, Known>,
    under_way: HashMap<Place, Vec<oneshot::Sender<()>>>,
}

impl Positions {
    /// A range came.
    pub(super) fn begin(&mut self, position: &Position<'_>) -> Begun {
        let place = Place::from(position);
        if let Entry::Occupied(mut entry) = self.under_way.entry(place.clone()) {
            let (over, wait) = oneshot::channel();
            entry.get_mut().push(over);
            return Begun::UnderWay(wait);
        }
        let next = self.next(&place).filter(|_| position.from_offset < position.to_offset);
        match next {
            Some(next) if position.to_offset <= next => Begun::Known(Placed::Past),
            Some(next) if position.from_offset < next => Begun::Known(Placed::Overlap { next }),
            _ => {
                self.under_way.insert(place, Vec::new());
                Begun::First
            }
        }
    }

    /// A range that was under way is on disk, in `segment`.
    pub(super) fn finish(&mut self, place: Place, next: u64, segment: u64) {
        self.under_way.remove(&place);
        self.known.insert(place, Known { next, segment, filed: false });
    }

    /// A range that was under way was refused.
    pub(super) fn abandon(&mut self, place: &Place) {
        self.under_way.remove(place);
    }

    /// The next offset of a partition.
    pub(super) fn next(&self, place: &Place) -> Option<u64> {
        Some(self.known.get(place)?.next)
    }

    /// A position was found in a segment at the start. They come in the order in which they
    /// were written, behind those of the file `recent`.
    pub(super) fn found(&mut self, position: &Position<'_>, segment: u64) {
        let place = Place::from(position);
        // A deleted segment can be back after a crash: the file knows what was last in it.
        let is_older = |known: &Known| segment < known.segment || (segment == known.segment && known.filed);
        if !self.known.get(&place).is_some_and(is_older) {
            self.known.insert(place, Known { next: position.to_offset, segment, filed: false });
        }
    }

    /// Writes the positions whose last record is in one of `segments`, each as
    /// `segment u64 | next u64 | partition u32 | source | topic`. Whether there are any.
    pub(super) fn write(&self, segments: std::ops::RangeInclusive<u64>, body: &mut Vec<u8>) -> bool {
        let before = body.len();
        for (place, known) in self.known.iter().filter(|(_, known)| segments.contains(&known.segment)) {
            body.extend_from_slice(&known.segment.to_le_bytes());
            body.extend_from_slice(&known.next.to_le_bytes());
            push_place(body, &place.source, &place.topic, place.partition);
        }
        body.len() > before
    }

    /// Takes in what [`Positions::write`] wrote, as far as it is understood.
    pub(super) fn read(&mut self, mut fields: Fields<'_>) -> Option<()> {
        while let Some(segment) = fields.u64() {
            let next = fields.u64()?;
            let (source, topic, partition) = fields.place()?;
            let known = Known { next, segment, filed: true };
            self.known.insert(Place::new(source, topic, partition), known);
        }
        Some(())
    }
}

/// `partition u32 | source | topic`, texts with their length as u16.
pub(super) fn push_place(body: &mut Vec<u8>, source: &str, topic: &str, partition: i32) {
    body.extend_from_slice(&partition.to_le_bytes());
    for text in [source, topic] {
        let text = &text[..text.floor_char_boundary(usize::from(u16::MAX))];
        body.extend_from_slice(&(text.len() as u16).to_le_bytes());
        body.extend_from_slice(text.as_bytes());
    }
}

#[cfg(test)]
mod tests;

//! Which slices are out, and which segments can go.

use std::collections::BTreeMap;

use super::Slice;

/// Records that are in no slice yet; all in one segment.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pending {
    pub(super) start: u64,
    pub(super) end: u64,
    pub(super) rows: u64,
    pub(super) bytes: u64,
    pub(super) received_ns: i64,
}

impl Pending {
    /// A record of `rows` rows from `start` to `end`, on its own or behind others.
    pub(super) fn with(before: Option<Self>, start: u64, end: u64, rows: u64, received_ns: i64) -> Self {
        let bytes = end - start;
        match before {
            None => Self { start, end, rows, bytes, received_ns },
            Some(before) => Self { end, rows: before.rows + rows, bytes: before.bytes + bytes, ..before },
        }
    }

    pub(super) fn slice(&self, segment: u64) -> Slice {
        Slice { segment, start: self.start, end: self.end }
    }
}

/// A slice that is not committed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Open {
    pub(super) bytes: u64,
    pub(super) received_ns: i64,
}

/// A segment on disk.
#[derive(Debug, Default)]
struct Segment {
    /// Bytes that were counted for it.
    counted: u64,
    sealed: bool,
    open: BTreeMap<Slice, Open>,
}

/// All segments.
#[derive(Debug, Default)]
pub(super) struct State {
    segments: BTreeMap<u64, Segment>,
}

impl State {
    pub(super) fn count(&mut self, segment: u64, bytes: u64) {
        self.segments.entry(segment).or_default().counted += bytes;
    }

    pub(super) fn seal(&mut self, segment: u64) {
        self.segments.entry(segment).or_default().sealed = true;
    }

    pub(super) fn open(&mut self, slice: Slice, open: Open) {
        self.segments.entry(slice.segment).or_default().open.insert(slice, open);
    }

    /// Takes a slice off the list.
    pub(super) fn close(&mut self, slice: Slice) -> Option<Open> {
        self.segments.get_mut(&slice.segment)?.open.remove(&slice)
    }

    /// Whether no slice of `segment` is open.
    pub(super) fn is_done(&self, segment: u64) -> bool {
        self.segments.get(&segment).is_none_or(|s| s.open.is_empty())
    }

    /// The oldest segment, if it is sealed and done, with its counted bytes.
    pub(super) fn deletable(&self) -> Option<(u64, u64)> {
        let (number, segment) = self.segments.first_key_value()?;
        (segment.sealed && segment.open.is_empty()).then_some((*number, segment.counted))
    }

    pub(super) fn forget(&mut self, segment: u64) {
        self.segments.remove(&segment);
    }

    /// When the oldest open slice was received.
    pub(super) fn oldest_ns(&self) -> Option<i64> {
        self.segments.values().find_map(|s| s.open.values().next()).map(|open| open.received_ns)
    }
}

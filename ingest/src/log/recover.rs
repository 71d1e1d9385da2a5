//! Reading the log after a stop of any kind.

use std::collections::{BTreeMap, BTreeSet};

use super::position::Positions;
use super::recent::Recent;
use super::record::{Body, Mark};
use super::scan::{Found, Scan};
use super::segment::{Files, HEAD_LEN};
use super::state::{Open, Pending, State};
use super::{LogError, LogOptions, Slice};

/// What a log holds when it is opened.
#[derive(Debug, Default)]
pub(super) struct Recovered {
    pub(super) state: State,
    /// Slices that were cut and not committed, oldest first.
    pub(super) open: BTreeMap<Slice, Open>,
    /// Stretches that still have to be cut, oldest first.
    pub(super) uncut: Vec<(u64, Pending)>,
    /// Bytes of all segments.
    pub(super) disk_bytes: u64,
    /// The number of the next segment.
    pub(super) next: u64,
}

/// A data record: where it is, its rows, when it was received.
#[derive(Debug, Clone, Copy)]
struct Place {
    start: u64,
    end: u64,
    rows: u64,
    received_ns: i64,
}

#[derive(Debug, Default)]
struct Marks {
    cut: Vec<Slice>,
    committed: BTreeSet<Slice>,
}

/// Scans all segments, mends the tail of the last, and sets damage aside.
pub(super) fn recover(
    files: &Files,
    options: &LogOptions,
    recent: &mut Recent,
    positions: &mut Positions,
) -> Result<Recovered, LogError> {
    let numbers = files.segments()?;
    let last = numbers.last().copied();
    let mut marks = Marks::default();
    let mut places = BTreeMap::new();
    let mut out = Recovered { next: last.map_or(1, |n| n + 1), ..Recovered::default() };
    for number in numbers {
        let Some(found) = segment(files, number, Some(number) == last, &mut marks, recent, positions)? else {
            continue;
        };
        out.state.count(number, found.len);
        out.state.seal(number);
        out.disk_bytes += found.len;
        places.insert(number, found);
    }
    for (number, Segment { len, places }) in places {
        // A mark of either kind says where a slice is: one of them may be damaged. What it says lies
        // behind the end cannot be read, and is no slice of this segment as it is now.
        let of_segment = |slice: &&Slice| slice.segment == number && slice.end <= len;
        let cut: BTreeSet<_> = marks.cut.iter().chain(&marks.committed).filter(of_segment).copied().collect();
        for slice in &cut {
            if marks.committed.contains(slice) {
                continue;
            }
            let inside: Vec<_> =
                places.iter().filter(|p| slice.start <= p.start && p.end <= slice.end).collect();
            let open = Open {
                bytes: inside.iter().map(|p| p.end - p.start).sum(),
                received_ns: inside.iter().map(|p| p.received_ns).min().unwrap_or(0),
            };
            out.open.insert(*slice, open);
        }
        // What no slice has: the end of the segment, and slices whose mark is damaged. Between two
        // slices the same boundaries come out as before, and so the same tokens.
        let mut pending: Option<Pending> = None;
        for place in &places {
            let last = Slice { segment: number, start: place.start, end: u64::MAX };
            if cut.range(..=last).next_back().is_some_and(|slice| place.end <= slice.end) {
                out.uncut.extend(pending.take().map(|pending| (number, pending)));
                continue;
            }
            let (rows, size) = (place.rows, place.end - place.start);
            if let Some(full) = pending.take_if(|p| {
                p.rows + rows > options.slice_max_rows || p.bytes + size > options.slice_max_bytes
            }) {
                out.uncut.push((number, full));
            }
            pending = Some(Pending::with(pending, place.start, place.end, rows, place.received_ns));
        }
        out.uncut.extend(pending.map(|pending| (number, pending)));
    }
    for (slice, open) in &out.open {
        out.state.open(*slice, *open);
    }
    Ok(out)
}

struct Segment {
    len: u64,
    places: Vec<Place>,
}

/// Scans one segment; `None` if it was never finished being made.
fn segment(
    files: &Files,
    number: u64,
    is_last: bool,
    marks: &mut Marks,
    recent: &mut Recent,
    positions: &mut Positions,
) -> Result<Option<Segment>, LogError> {
    let bytes = files.read_all(number)?;
    let Some(records) = files.behind_head(number, &bytes) else {
        let unfinished = (bytes.len() as u64) < HEAD_LEN || bytes.iter().all(|byte| *byte == 0);
        if is_last && unfinished {
            // The process ended while it made this file: nothing in it was acknowledged.
            files.remove(number).map_err(|e| LogError::io("remove an unfinished segment", e))?;
            return Ok(None);
        }
        return Err(LogError::Format {
            path: files.path(number),
            what: "the head of this segment belongs to another log or is damaged: put the file aside \
                   to go on without its records"
                .to_owned(),
        });
    };
    let mut scan = Scan::new(records, HEAD_LEN, files.key());
    let mut found = Vec::new();
    while let Some(next) = scan.next_found() {
        found.push(next);
    }
    let mut len = bytes.len() as u64;
    if is_last && let Some(torn) = torn_from(&found) {
        tracing::warn!(segment = number, from = torn, bytes = len - torn, "log: a torn tail was cut off");
        files.truncate(number, torn)?;
        len = torn;
        found.retain(|item| match item {
            Found::Record { end, .. } => *end <= torn,
            Found::Damage { offset, .. } => *offset < torn,
        });
    }
    if is_last {
        // A record may be here that the system holds in memory only. From now on its request
        // is answered as one that is on disk.
        files.sync(number)?;
    }
    let mut places = Vec::new();
    let mut start = HEAD_LEN;
    for item in found {
        match item {
            Found::Damage { offset, bytes } => {
                damaged(files, number, offset, bytes)?;
                start = offset + bytes.len() as u64;
            }
            Found::Record { end, body, .. } => {
                match body {
                    Body::Data(data, mark) => {
                        let (rows, received_ns) = (u64::from(data.rows), data.received_ns);
                        places.push(Place { start, end, rows, received_ns });
                        match mark {
                            Mark::None => {}
                            Mark::Request(receipt) => recent.found(receipt, received_ns, number),
                            Mark::Position(position) => positions.found(&position, number),
                        }
                    }
                    Body::Cut(slice) => marks.cut.push(slice),
                    Body::Commit(slice, _) => {
                        marks.committed.insert(slice);
                    }
                }
                start = end;
            }
        }
    }
    Ok(Some(Segment { len, places }))
}

/// Where bytes begin that were never known to be on disk: at the first damage that no later
/// record was written after.
fn torn_from(found: &[Found<'_>]) -> Option<u64> {
    let mut known = 0;
    let mut torn = None;
    for item in found.iter().rev() {
        match item {
            Found::Record { durable, .. } => known = known.max(*durable),
            Found::Damage { offset, .. } if known <= *offset => torn = Some(*offset),
            Found::Damage { .. } => {}
        }
    }
    torn
}

fn damaged(files: &Files, segment: u64, offset: u64, bytes: &[u8]) -> Result<(), LogError> {
    let path = files.quarantine(segment, offset, bytes)?;
    metrics::counter!("headroom_ingest_log_damaged_total").increment(1);
    tracing::error!(
        segment,
        offset,
        bytes = bytes.len(),
        copy = %path.display(),
        "log: acknowledged bytes are damaged; the records around them are kept, check the disk"
    );
    Ok(())
}

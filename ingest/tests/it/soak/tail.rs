//! The log's end as a crash can leave it.

use std::fs::File;
use std::io::Write as _;
use std::path::Path;

use rand::Rng;

/// Bytes in front of a segment's records.
const SEGMENT_HEAD: usize = 52;

/// Bytes in front of a record's body: `sync u32 | length of the body u32 | ...`.
const RECORD_HEAD: usize = 24;

/// Leaves at the end of the newest segment in `log` what a crash in the middle of a write can leave:
/// bytes that nobody was ever told are on disk. What was acknowledged stays as it is.
pub(super) fn tear(log: &Path, rng: &mut impl Rng) -> &'static str {
    let segments = std::fs::read_dir(log).unwrap().map(|entry| entry.unwrap().path());
    let newest = segments.filter(|path| path.extension().is_some_and(|e| e == "seg")).max();
    let newest = newest.expect("a log has a segment");
    let (length, kind) = (rng.random_range(1..5_000), rng.random_range(0..3));
    let (what, torn) = match (kind, first_record(&std::fs::read(&newest).unwrap())) {
        (0, Some(record)) => ("half a record", record[..rng.random_range(1..record.len())].to_vec()),
        (1, _) => ("zeros", vec![0; length]),
        _ => ("garbage", std::iter::repeat_with(|| rng.random()).take(length).collect()),
    };
    File::options().append(true).open(&newest).unwrap().write_all(&torn).unwrap();
    what
}

/// The first record of a segment: any beginning of it is a record that was cut off.
fn first_record(segment: &[u8]) -> Option<&[u8]> {
    let records = segment.get(SEGMENT_HEAD..)?;
    let body = u32::from_le_bytes(records.get(4..8)?.try_into().ok()?) as usize;
    records.get(..RECORD_HEAD + body)
}

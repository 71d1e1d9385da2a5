//! Calendar files: read again when they change.

use std::path::Path;
use std::time::SystemTime;

/// Most bytes of a calendar, from a file or a URL.
pub(super) const MOST_BYTES: u64 = 10 << 20;

/// What tells that a file changed: when it was written, and its length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stamp(Option<SystemTime>, u64);

/// The text of a file and its stamp; no text if the stamp is still `seen`.
pub(super) fn read(path: &Path, seen: Option<Stamp>) -> Result<(Stamp, Option<String>), String> {
    let unreadable = |error: std::io::Error| format!("the file cannot be read: {error}; check its path");
    let found = std::fs::metadata(path).map_err(unreadable)?;
    let stamp = Stamp(found.modified().ok(), found.len());
    if seen == Some(stamp) {
        return Ok((stamp, None));
    }
    if found.len() > MOST_BYTES {
        return Err(format!("the file has {} bytes; a calendar has {MOST_BYTES} at most", found.len()));
    }
    let text = std::fs::read_to_string(path).map_err(unreadable)?;
    Ok((stamp, Some(text)))
}

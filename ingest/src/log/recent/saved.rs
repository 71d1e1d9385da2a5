//! The file `recent`: what is to be remembered of segments that are deleted.
//!
//! That is requests that are not old yet, and positions of sources. A record for each deleted segment is appended, and synced before the segment goes. When
//! most of the file is outdated, it is written anew. A record that was being written in a
//! crash fails its checksum: its segment is still there, so nothing is lost with it.

use std::io;
use std::ops::{Range, RangeInclusive};
use std::path::PathBuf;

use super::{Kept, Recent};
use crate::log::file::Growing;
use crate::log::position::Positions;
use crate::log::record::{Encoded, Fields, Frame, push_receipt};
use crate::log::segment::Files;
use crate::log::{LogError, Shared};

/// The bodies of the file.
const REQUESTS: u8 = 1;
const POSITIONS: u8 = 2;

/// Outdated requests in the file that are not worth writing it anew.
const SLACK: usize = 4096;

/// The file.
#[derive(Debug)]
pub(in crate::log) struct Saved {
    path: PathBuf,
    /// To append to; none before the first write and after a failed one.
    file: Option<Growing>,
    /// Requests in it.
    count: usize,
}

impl Saved {
    /// Reads the file, if there is one.
    pub(in crate::log) fn open(
        files: &Files,
        recent: &mut Recent,
        positions: &mut Positions,
    ) -> Result<Self, LogError> {
        let path = files.recent_path();
        let bytes = match std::fs::read(&path) {
            Ok(bytes) => bytes,
            Err(e) if e.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(e) => return Err(LogError::io(format!("read {}", path.display()), e)),
        };
        let mut rest = bytes.as_slice();
        while let Some(frame) = Frame::read(files.key(), rest) {
            let mut fields = Fields(frame.body);
            let understood = match fields.u8() {
                Some(REQUESTS) => recent.read(fields),
                Some(POSITIONS) => positions.read(fields),
                _ => None,
            };
            if understood.is_none() {
                tracing::warn!(path = %path.display(), "log: a record of another version was left out");
            }
            rest = &rest[frame.size..];
        }
        if !rest.is_empty() {
            tracing::warn!(bytes = rest.len(), path = %path.display(), "log: a torn tail was left out");
        }
        // What is appended must not stand behind a torn tail: the first write makes it anew.
        Ok(Self { path, file: None, count: 0 })
    }

    /// Makes durable what is still to be remembered of `segment`, the oldest there is.
    pub(in crate::log) fn save(&mut self, segment: u64, files: &Files, shared: &Shared) -> io::Result<()> {
        let mut recent = shared.recent();
        recent.forget_old();
        let (from, live) = recent.of(segment);
        let fresh = live - from;
        let places = shared.positions().write(segment..=segment, &mut Vec::new());
        if fresh == 0 && !places {
            return Ok(());
        }
        if let Some(file) = self.file.take()
            && self.count + fresh <= live * 2 + SLACK
        {
            let requests = recent.write(from..live);
            drop(recent);
            let bytes = frames(requests, segment..=segment, files, shared);
            self.file = Some(append(file, &bytes)?);
            self.count += fresh;
        } else {
            let requests = recent.write(0..live);
            drop(recent);
            let bytes = frames(requests, 0..=segment, files, shared);
            self.file = Some(self.rewrite(&bytes, files, shared)?);
            self.count = live;
        }
        Ok(())
    }

    #[cfg_attr(not(test), expect(unused_variables, reason = "faults are for tests"))]
    fn rewrite(&self, bytes: &[u8], files: &Files, shared: &Shared) -> io::Result<Growing> {
        let draft = self.path.with_extension("new");
        match std::fs::remove_file(&draft) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(e),
            _ => {}
        }
        let file = Growing::create(
            &draft,
            bytes,
            #[cfg(test)]
            &shared.faults,
        )?;
        std::fs::rename(&draft, &self.path)?;
        files.sync_dir()?;
        Ok(file)
    }
}

/// The file with `bytes` behind it; after a fault it is dropped, and then made anew.
fn append(mut file: Growing, bytes: &[u8]) -> io::Result<Growing> {
    file.append(bytes)?;
    file.sync()?;
    Ok(file)
}

/// Records of the file: of requests, and of the positions in `segments`.
fn frames(requests: Vec<u8>, segments: RangeInclusive<u64>, files: &Files, shared: &Shared) -> Vec<u8> {
    let mut places = vec![POSITIONS];
    shared.positions().write(segments, &mut places);
    let mut bytes = Vec::new();
    for body in [requests, places].into_iter().filter(|body| body.len() > 1) {
        Encoded::other(body).write(files.key(), 0, &mut bytes);
    }
    bytes
}

impl Recent {
    /// Where in the remembered requests those of `segment` begin and end. What stands before
    /// them is in the file.
    fn of(&self, segment: u64) -> (usize, usize) {
        let begin = self.kept.partition_point(|kept| kept.segment < segment);
        (begin, self.kept.partition_point(|kept| kept.segment <= segment))
    }

    fn write(&self, range: Range<usize>) -> Vec<u8> {
        let mut body = vec![REQUESTS];
        for Kept { noted, at, .. } in self.kept.range(range) {
            body.extend_from_slice(&self.age.shown(*at).to_le_bytes());
            push_receipt(&mut body, noted.receipt());
        }
        body
    }

    /// Takes in a body of the file, as far as it is understood.
    fn read(&mut self, mut fields: Fields<'_>) -> Option<()> {
        while let Some(shown) = fields.u64() {
            self.found(fields.receipt()?, shown as i64, 0);
        }
        Some(())
    }
}

//! Bytes in partitions by hash: in memory while they are few, in unnamed temporary files when
//! they are many, and split again when a partition is too large to be looked at as a whole.
//!
//! The files have no name from the moment they exist, so nothing stays behind whatever happens
//! to the process; they hold what the events hold, personal data included.

use std::fs::File;
use std::io::{BufReader, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use crate::error::{ReconcileError, Result};

/// log2 of the number of partitions.
const BITS: u32 = 6;
/// Bytes before each payload: its length and its hash.
const HEAD: usize = 12;

/// How large what is in memory may be.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// Bytes that are buffered before they go to files.
    pub(crate) buffered: usize,
    /// Bytes of one block, with `each` for every payload in it.
    pub(crate) block: usize,
    /// What the one who looks at a block needs for a payload.
    pub(crate) each: usize,
}

/// Payloads in partitions.
#[derive(Debug)]
pub(crate) struct Spill {
    parts: Vec<Part>,
    buffered: usize,
    limits: Limits,
    folder: PathBuf,
    level: u32,
}

#[derive(Debug, Default)]
struct Part {
    buffer: Vec<u8>,
    file: Option<File>,
    bytes: u64,
    payloads: u64,
}

impl Spill {
    /// Empty partitions, with files in `folder` or else in the system's folder for such.
    pub(crate) fn new(limits: Limits, folder: Option<&Path>) -> Self {
        Self::at_level(limits, folder.map_or_else(std::env::temp_dir, Path::to_path_buf), 0)
    }

    fn at_level(limits: Limits, folder: PathBuf, level: u32) -> Self {
        let parts = (0..1 << BITS).map(|_| Part::default()).collect();
        Self { parts, buffered: 0, limits, folder, level }
    }

    /// Adds a payload; those with the same hash come out in the same block.
    pub(crate) fn push(&mut self, hash: u64, payload: &[u8]) -> Result<()> {
        let part = (hash.rotate_left(BITS * (self.level + 1)) & ((1 << BITS) - 1)) as usize;
        let part = &mut self.parts[part];
        let length = u32::try_from(payload.len()).expect("events of more than 4 MiB are refused before");
        part.buffer.extend(length.to_le_bytes());
        part.buffer.extend(hash.to_le_bytes());
        part.buffer.extend(payload);
        part.bytes += (HEAD + payload.len()) as u64;
        part.payloads += 1;
        self.buffered += HEAD + payload.len();
        if self.buffered > self.limits.buffered { self.flush() } else { Ok(()) }
    }

    /// Whether anything went to files.
    fn spilled(&self) -> bool {
        self.parts.iter().any(|part| part.file.is_some())
    }

    fn flush(&mut self) -> Result<()> {
        for part in &mut self.parts {
            // The memory is given back: a partition that was large once need not be so again.
            let buffer = std::mem::take(&mut part.buffer);
            if buffer.is_empty() {
                continue;
            }
            let failed = |source| {
                let what = format!("temporary file in {} cannot be written", self.folder.display());
                ReconcileError::io(what, source)
            };
            let mut file = match part.file.take() {
                Some(file) => file,
                None => tempfile::tempfile_in(&self.folder).map_err(failed)?,
            };
            file.write_all(&buffer).map_err(failed)?;
            part.file = Some(file);
        }
        self.buffered = 0;
        Ok(())
    }

    /// Gives out everything, block by block. `too_many` is asked for the error when more payloads
    /// have one hash than fit into a block; it gets one of them and their number.
    pub(crate) fn drain(
        mut self,
        each: &mut dyn FnMut(&[u8]) -> Result<()>,
        too_many: &dyn Fn(&[u8], u64) -> ReconcileError,
    ) -> Result<()> {
        if self.spilled() {
            self.flush()?;
        }
        for part in std::mem::take(&mut self.parts) {
            let cost = part.bytes + part.payloads * self.limits.each as u64;
            if part.payloads == 0 {
                continue;
            }
            if cost <= self.limits.block as u64 {
                each(&self.whole(part)?)?;
            } else {
                self.split(part, each, too_many)?;
            }
        }
        Ok(())
    }

    fn unreadable(&self, source: std::io::Error) -> ReconcileError {
        ReconcileError::io(format!("temporary file in {} cannot be read", self.folder.display()), source)
    }

    fn whole(&self, part: Part) -> Result<Vec<u8>> {
        let Some(mut file) = part.file else { return Ok(part.buffer) };
        let mut block = Vec::with_capacity(part.bytes as usize);
        file.seek(SeekFrom::Start(0)).map_err(|error| self.unreadable(error))?;
        file.read_to_end(&mut block).map_err(|error| self.unreadable(error))?;
        Ok(block)
    }

    fn split(
        &self,
        part: Part,
        each: &mut dyn FnMut(&[u8]) -> Result<()>,
        too_many: &dyn Fn(&[u8], u64) -> ReconcileError,
    ) -> Result<()> {
        let mut finer = Self::at_level(self.limits, self.folder.clone(), self.level + 1);
        let mut payload = Vec::new();
        let mut read = |mut source: Box<dyn std::io::Read + '_>| -> Result<()> {
            for _ in 0..part.payloads {
                let mut head = [0; HEAD];
                source.read_exact(&mut head).map_err(|error| self.unreadable(error))?;
                let (length, hash) = head.split_at(4);
                let length = u32::from_le_bytes(length.try_into().expect("four bytes")) as usize;
                payload.resize(length, 0);
                source.read_exact(&mut payload).map_err(|error| self.unreadable(error))?;
                finer.push(u64::from_le_bytes(hash.try_into().expect("eight bytes")), &payload)?;
            }
            Ok(())
        };
        match part.file {
            Some(mut file) => {
                file.seek(SeekFrom::Start(0)).map_err(|error| self.unreadable(error))?;
                read(Box::new(BufReader::with_capacity(1 << 16, file)))?;
            }
            None => read(Box::new(part.buffer.as_slice()))?,
        }
        // Once everything else is split away, what is left has one hash.
        let stuck = finer.parts.iter().any(|finer| finer.payloads == part.payloads);
        if stuck && finer.level * BITS > 12 {
            return Err(too_many(&payload, part.payloads));
        }
        finer.drain(each, too_many)
    }
}

/// The payloads of a block with their hashes.
pub(crate) fn payloads(mut block: &[u8]) -> impl Iterator<Item = (u64, &[u8])> + Clone {
    std::iter::from_fn(move || {
        let (head, rest) = block.split_at_checked(HEAD)?;
        let (length, hash) = head.split_at(4);
        let length = u32::from_le_bytes(length.try_into().ok()?) as usize;
        let (payload, rest) = rest.split_at_checked(length)?;
        block = rest;
        Some((u64::from_le_bytes(hash.try_into().ok()?), payload))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::{BTreeMap, BTreeSet};
    use std::hash::{DefaultHasher, Hash as _, Hasher as _};

    const SMALL: Limits = Limits { buffered: 4_000, block: 8_000, each: 16 };

    fn hash(value: u64) -> u64 {
        let mut hasher = DefaultHasher::new();
        value.hash(&mut hasher);
        hasher.finish()
    }

    fn never(_: &[u8], _: u64) -> ReconcileError {
        panic!("everything can be split")
    }

    #[test]
    fn everything_comes_out_once_in_blocks_within_the_limit() {
        let mut spill = Spill::new(SMALL, None);
        let count = 100_000_u64;
        for value in 0..count {
            spill.push(hash(value % 50_000), &value.to_le_bytes()).unwrap();
        }
        assert!(spill.spilled());
        let mut blocks_of: BTreeMap<u64, BTreeSet<usize>> = BTreeMap::new();
        let mut seen = BTreeSet::new();
        let mut blocks = 0;
        let mut largest = 0;
        let mut look = |block: &[u8]| {
            blocks += 1;
            largest = largest.max(block.len() + payloads(block).count() * 16);
            for (hash, payload) in payloads(block) {
                blocks_of.entry(hash).or_default().insert(blocks);
                assert!(seen.insert(u64::from_le_bytes(payload.try_into().unwrap())));
            }
            Ok(())
        };
        spill.drain(&mut look, &never).unwrap();
        assert_eq!(seen.len() as u64, count);
        assert!(largest <= SMALL.block && blocks > 64, "{blocks} blocks, the largest {largest}");
        assert!(blocks_of.values().all(|blocks| blocks.len() == 1), "a hash is in one block");
    }

    #[test]
    fn little_never_touches_the_disk() {
        let mut spill = Spill::new(SMALL, Some(Path::new("/nowhere")));
        for value in 0..100 {
            spill.push(hash(value), b"abc").unwrap();
        }
        let mut seen = 0;
        spill
            .drain(
                &mut |block| {
                    seen += payloads(block).count();
                    Ok(())
                },
                &never,
            )
            .unwrap();
        assert_eq!(seen, 100);
    }

    #[test]
    fn a_folder_that_is_not_there_is_named() {
        let mut spill = Spill::new(SMALL, Some(Path::new("/nowhere")));
        let failed = (0..10_000).find_map(|value| spill.push(hash(value), b"abc").err());
        insta::assert_snapshot!(failed.unwrap(), @"temporary file in /nowhere cannot be written: No such file or directory (os error 2)");
    }

    #[test]
    fn one_hash_too_often_is_an_error() {
        let mut spill = Spill::new(SMALL, None);
        for value in 0..3_000 {
            spill.push(hash(if value < 500 { value } else { 7 }), b"hot").unwrap();
        }
        let too_many = |payload: &[u8], count: u64| ReconcileError::SameKey {
            key: String::from_utf8_lossy(payload).into_owned(),
            events: count,
        };
        let error = spill.drain(&mut |_| Ok(()), &too_many).unwrap_err();
        assert!(
            matches!(&error, ReconcileError::SameKey { key, events } if key == "hot" && *events >= 2_500)
        );
    }
}

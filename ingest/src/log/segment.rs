//! The files of a log: their names, their heads, reading ranges of them.

use std::collections::BTreeMap;
use std::fs::{DirBuilder, File};
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::ops::Range;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::LogError;
use super::receipt::Fingerprint;
use super::record::Key;

const MAGIC: &[u8; 8] = b"HRLOG\0\0\x01";

/// Bytes of a segment's head: magic, the log's identity, number, the segment's own identity,
/// checksum.
pub(super) const HEAD_LEN: u64 = 52;

/// Bytes kept aside for marks when the disk is full.
const SPARE_BYTES: usize = 1 << 20;

/// The folder of a log.
#[derive(Debug, Clone)]
pub(super) struct Files {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    dir: PathBuf,
    log: PathBuf,
    identity: [u8; 16],
    /// The segments' own identities.
    segments: Mutex<BTreeMap<u64, [u8; 16]>>,
}

impl Files {
    /// Makes the folders if they are missing, and reads or makes the log's identity.
    pub(super) fn open(dir: &Path) -> Result<Self, LogError> {
        let log = dir.join("log");
        for folder in [&log, &dir.join("dead")] {
            // What is in there may be about people: for the service's own user only.
            DirBuilder::new()
                .recursive(true)
                .mode(0o700)
                .create(folder)
                .map_err(|e| LogError::io(format!("make the folder {}", folder.display()), e))?;
        }
        let identity = identity(&log)?;
        Ok(Self { inner: Arc::new(Inner { dir: dir.to_owned(), log, identity, segments: Mutex::default() }) })
    }

    pub(super) fn dir(&self) -> &Path {
        &self.inner.dir
    }

    pub(super) fn lock_path(&self) -> PathBuf {
        self.inner.log.join("lock")
    }

    pub(super) fn recent_path(&self) -> PathBuf {
        self.inner.log.join("recent")
    }

    pub(super) fn path(&self, segment: u64) -> PathBuf {
        self.inner.log.join(format!("{segment:020}.seg"))
    }

    pub(super) fn key(&self) -> Key {
        let identity = u128::from_le_bytes(self.inner.identity);
        Key { sync: identity as u32, seed: (identity >> 32) as u32 }
    }

    /// Hashes requests with this log's own secret.
    pub(super) fn fingerprint(&self) -> Fingerprint {
        Fingerprint::new(&self.inner.identity)
    }

    fn identities(&self) -> MutexGuard<'_, BTreeMap<u64, [u8; 16]>> {
        self.inner.segments.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The identity of a segment: random, so that tokens are never used twice, even when the
    /// folder was copied or put back from a copy. `None` once the segment is deleted.
    pub(super) fn identity(&self, segment: u64) -> Option<[u8; 16]> {
        self.identities().get(&segment).copied()
    }

    /// The head of a new segment, with an identity of its own.
    pub(super) fn new_head(&self, segment: u64) -> io::Result<Vec<u8>> {
        let identity = random()?;
        self.identities().insert(segment, identity);
        Ok(self.head(segment, identity))
    }

    fn head(&self, segment: u64, identity: [u8; 16]) -> Vec<u8> {
        let mut head = MAGIC.to_vec();
        head.extend_from_slice(&self.inner.identity);
        head.extend_from_slice(&segment.to_le_bytes());
        head.extend_from_slice(&identity);
        head.extend_from_slice(&crc32fast::hash(&head).to_le_bytes());
        head
    }

    /// The records of a segment behind its head, if that is a head of this log.
    pub(super) fn behind_head<'a>(&self, segment: u64, bytes: &'a [u8]) -> Option<&'a [u8]> {
        let (head, records) = bytes.split_at_checked(HEAD_LEN as usize)?;
        let identity = head[32..48].try_into().ok()?;
        if head != self.head(segment, identity) {
            return None;
        }
        self.identities().insert(segment, identity);
        Some(records)
    }

    /// The numbers of all segments, oldest first.
    pub(super) fn segments(&self) -> Result<Vec<u64>, LogError> {
        let failed = |e| LogError::io(format!("list {}", self.inner.log.display()), e);
        let mut numbers = Vec::new();
        for entry in std::fs::read_dir(&self.inner.log).map_err(failed)? {
            let path = entry.map_err(failed)?.path();
            let name = path.file_name().and_then(|name| name.to_str());
            if let Some(number) = name.and_then(|name| name.strip_suffix(".seg")?.parse().ok()) {
                numbers.push(number);
            }
        }
        numbers.sort_unstable();
        Ok(numbers)
    }

    /// Bytes of a segment; they take the place of what `bytes` holds.
    pub(super) fn read(
        &self,
        segment: u64,
        Range { start, end }: Range<u64>,
        mut bytes: Vec<u8>,
    ) -> Result<Vec<u8>, LogError> {
        let path = self.path(segment);
        bytes.clear();
        bytes.reserve_exact((end - start) as usize);
        let read = File::open(&path).and_then(|mut file| {
            file.seek(SeekFrom::Start(start))?;
            file.take(end - start).read_to_end(&mut bytes)
        });
        match read {
            Ok(read) if read as u64 == end - start => Ok(bytes),
            Ok(_) => Err(io::ErrorKind::UnexpectedEof.into()),
            Err(error) => Err(error),
        }
        .map_err(|e| LogError::io(format!("read {}", path.display()), e))
    }

    /// All bytes of a segment.
    pub(super) fn read_all(&self, segment: u64) -> Result<Vec<u8>, LogError> {
        let path = self.path(segment);
        std::fs::read(&path).map_err(|e| LogError::io(format!("read {}", path.display()), e))
    }

    /// Makes durable what a segment holds.
    pub(super) fn sync(&self, segment: u64) -> Result<(), LogError> {
        let path = self.path(segment);
        File::open(&path)
            .and_then(|file| file.sync_all())
            .map_err(|e| LogError::io(format!("sync {}", path.display()), e))
    }

    /// Cuts a segment off after `len` bytes, on disk.
    pub(super) fn truncate(&self, segment: u64, len: u64) -> Result<(), LogError> {
        let path = self.path(segment);
        File::options()
            .write(true)
            .open(&path)
            .and_then(|file| file.set_len(len).and_then(|()| file.sync_all()))
            .map_err(|e| LogError::io(format!("cut off {}", path.display()), e))
    }

    pub(super) fn remove(&self, segment: u64) -> io::Result<()> {
        std::fs::remove_file(self.path(segment))?;
        self.identities().remove(&segment);
        Ok(())
    }

    /// Makes the names in the folder durable.
    pub(super) fn sync_dir(&self) -> io::Result<()> {
        File::open(&self.inner.log)?.sync_all()
    }

    /// Copies damaged bytes to the `dead` folder.
    pub(super) fn quarantine(&self, segment: u64, offset: u64, bytes: &[u8]) -> Result<PathBuf, LogError> {
        self.bury(&format!("damaged-{segment:020}-{offset}.bin"), bytes)
    }

    /// Writes a file in the `dead` folder, on disk when this returns.
    pub(super) fn bury(&self, name: &str, bytes: &[u8]) -> Result<PathBuf, LogError> {
        let path = self.inner.dir.join("dead").join(name);
        std::fs::write(&path, bytes)
            .and_then(|()| File::open(&path)?.sync_all())
            .map_err(|e| LogError::io(format!("write {}", path.display()), e))?;
        Ok(path)
    }

    /// Keeps space aside; without it the log must not take requests.
    pub(super) fn make_spare(&self) -> io::Result<()> {
        let path = self.inner.log.join("spare");
        if path.exists() {
            return Ok(());
        }
        let made =
            std::fs::write(&path, vec![0_u8; SPARE_BYTES]).and_then(|()| File::open(&path)?.sync_all());
        if made.is_err() {
            drop(std::fs::remove_file(&path));
        }
        made
    }

    /// Gives the space kept aside back to the disk. True if there was some.
    pub(super) fn use_spare(&self) -> bool {
        std::fs::remove_file(self.inner.log.join("spare")).is_ok()
    }
}

fn identity(log: &Path) -> Result<[u8; 16], LogError> {
    let path = log.join("identity");
    match std::fs::read(&path) {
        Ok(bytes) => bytes.try_into().map_err(|_| LogError::Format {
            path,
            what: "this is no identity of 16 bytes: put the folder aside and start with an empty one"
                .to_owned(),
        }),
        Err(e) if e.kind() == io::ErrorKind::NotFound => {
            let identity = random().map_err(|e| LogError::io("make an identity for the log", e))?;
            let draft = log.join("identity.new");
            std::fs::write(&draft, identity)
                .and_then(|()| File::open(&draft)?.sync_all())
                .and_then(|()| std::fs::rename(&draft, &path))
                .and_then(|()| File::open(log)?.sync_all())
                .map_err(|e| LogError::io(format!("write {}", path.display()), e))?;
            Ok(identity)
        }
        Err(e) => Err(LogError::io(format!("read {}", path.display()), e)),
    }
}

/// Sixteen random bytes.
fn random() -> io::Result<[u8; 16]> {
    let mut bytes = [0; 16];
    io::Read::read_exact(&mut File::open("/dev/urandom")?, &mut bytes)?;
    Ok(bytes)
}

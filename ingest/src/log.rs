//! The durable log: acknowledged means on disk, and stored once.
//!
//! Requests are appended to segment files, one record each. A group-commit thread writes
//! what has queued up, calls fsync once, and only then are the requests acknowledged.
//! The same thread cuts the log into *slices*: ranges of a segment whose boundaries are
//! written to the log, and synced, before anything of them is inserted. After a crash the
//! same slices are formed again, with the same tokens, so that the store recognises what
//! it has already. A commit mark follows when a slice is in the store; a segment is deleted
//! when all its slices are committed and no older segment is left.
//!
//! A request that a client sends again within a while is recognised by its hash and not
//! appended a second time ([`Log::append_once`]).
//!
//! On open, a torn tail (bytes never acknowledged) is cut off. Damage in the middle is
//! copied to the `dead` folder, reported, and skipped: the records around it are kept.

mod error;
mod file;
mod lock;
mod position;
mod receipt;
mod recent;
mod record;
mod recover;
mod scan;
mod segment;
mod slice;
mod state;
mod writer;

#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use headroom_store::Clock;
use tokio::sync::oneshot;

pub use error::{AppendError, LogError};
pub use position::{Placed, Position};
pub use receipt::{Answer, Fingerprint, Receipt};
pub use record::Data;
pub use scan::Item;
pub use slice::Slice;

use position::{Place, Positions};
use recent::{Begun, Recent};
use record::{Encoded, Mark};
use writer::{Append, Command, Note, Writer};

/// How the log is kept.
#[derive(Debug, Clone)]
pub struct LogOptions {
    /// The folder; segments go to its subfolder `log`, damaged parts to `dead`.
    pub dir: PathBuf,
    /// The most bytes all segments may take.
    pub max_bytes: u64,
    /// The size at which a new segment is begun.
    pub segment_bytes: u64,
    /// The most rows in a slice (a larger request is a slice of its own).
    pub slice_max_rows: u64,
    /// The most bytes in a slice (a larger request is a slice of its own).
    pub slice_max_bytes: u64,
    /// How long an acknowledged record waits at most before its slice is cut, while fewer
    /// than `slices_in_flight` are out.
    pub slice_max_age: Duration,
    /// How many slices may be out before age alone no longer cuts.
    pub slices_in_flight: usize,
    /// How long a request is recognised when it is sent again; zero: not at all.
    pub retry_window: Duration,
    /// Tells how long that is.
    pub clock: Arc<dyn Clock>,
}

/// What became of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Appended {
    /// It is on disk now.
    Stored,
    /// It was on disk before; this was its answer.
    Repeated(Answer),
}

/// What the writer thread and the handles share.
#[derive(Debug)]
pub(crate) struct Shared {
    max_bytes: u64,
    /// Bytes on disk and bytes promised to appends under way.
    used: AtomicU64,
    /// Bytes of slices and pending records that are not committed.
    backlog_bytes: AtomicU64,
    /// Slices handed out and not committed.
    outstanding: AtomicUsize,
    /// When the oldest uncommitted record was received, ns; 0 without any.
    oldest_ns: AtomicU64,
    /// An append was refused because the log is full, and no space was freed since.
    full: AtomicBool,
    /// The last fault of the disk, until a write succeeds again.
    fault: Mutex<Option<String>>,
    recent: Mutex<Recent>,
    positions: Mutex<Positions>,
    #[cfg(test)]
    pub(crate) faults: file::Faults,
}

impl Shared {
    fn recent(&self) -> MutexGuard<'_, Recent> {
        self.recent.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn positions(&self) -> MutexGuard<'_, Positions> {
        self.positions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sets or clears the disk's fault; whether that is news. Only news is worth a line in
    /// the program's log: a full disk refuses hundreds of requests a second.
    fn set_fault(&self, fault: Option<String>) -> bool {
        let mut known = self.fault.lock().unwrap_or_else(PoisonError::into_inner);
        let news = *known != fault;
        *known = fault;
        news
    }

    fn has_fault(&self) -> bool {
        self.fault.lock().unwrap_or_else(PoisonError::into_inner).is_some()
    }
}

/// The log. Dropping it stops the writer thread at once, as a crash would; nothing that was
/// acknowledged is lost by that.
#[derive(Debug)]
pub struct Log {
    commands: Sender<Command>,
    shared: Arc<Shared>,
    thread: Option<std::thread::JoinHandle<()>>,
    files: segment::Files,
    first_segment: u64,
    _lock: lock::Lock,
}

/// A figure of how much is waiting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Backlog {
    /// Bytes acknowledged and not yet in the store.
    pub bytes: u64,
    /// Slices handed out and not yet committed.
    pub slices: usize,
    /// When the oldest of them was received, nanoseconds since the epoch; `None` without any.
    pub oldest_ns: Option<u64>,
    /// Bytes of the log on disk.
    pub disk_bytes: u64,
}

impl Log {
    /// Opens the log, mends its tail, and hands out the slices that are not committed.
    pub fn open(options: &LogOptions) -> Result<(Self, Receiver<Slice>), LogError> {
        let files = segment::Files::open(&options.dir)?;
        let lock = lock::Lock::take(&files)?;
        let mut recent = Recent::new(options.retry_window, options.clock.clone());
        let mut positions = Positions::default();
        let saved = recent::Saved::open(&files, &mut recent, &mut positions)?;
        let found = recover::recover(&files, options, &mut recent, &mut positions)?;
        let shared = Arc::new(Shared {
            max_bytes: options.max_bytes,
            used: AtomicU64::new(0),
            backlog_bytes: AtomicU64::new(0),
            outstanding: AtomicUsize::new(0),
            oldest_ns: AtomicU64::new(0),
            full: AtomicBool::new(false),
            fault: Mutex::new(None),
            recent: Mutex::new(recent),
            positions: Mutex::new(positions),
            #[cfg(test)]
            faults: file::Faults::default(),
        });
        let (ready, slices) = channel();
        let (commands, queue) = channel();
        let first_segment = found.next;
        let writer = Writer::start(files.clone(), options.clone(), shared.clone(), ready, found, saved)?;
        let thread = std::thread::Builder::new()
            .name("ingest-log".to_owned())
            .spawn(move || writer.run(&queue))
            .map_err(|e| LogError::io("start the log's thread", e))?;
        Ok((Self { commands, shared, thread: Some(thread), files, first_segment, _lock: lock }, slices))
    }

    /// Whether a request of about `bytes` bytes would fit now. Counts as a refusal if not.
    ///
    /// After a refusal nothing is admitted until space was given back: a request that is too large
    /// for the rest, or does not say how large it is, would be unpacked and checked in vain, again
    /// with each retry, and take from the workers the time in which they make room.
    pub fn admits(&self, bytes: u64) -> Result<(), AppendError> {
        let used = self.shared.used.load(Ordering::Relaxed);
        if self.is_full() || used.saturating_add(bytes) > self.shared.max_bytes {
            return Err(self.refuse());
        }
        Ok(())
    }

    fn refuse(&self) -> AppendError {
        if !self.shared.full.swap(true, Ordering::Relaxed) {
            // The writer may have a finished segment to let go of.
            let _ = self.commands.send(Command::Release);
        }
        AppendError::Full { max_bytes: self.shared.max_bytes }
    }

    /// Appends a request and returns when it is on disk.
    pub async fn append(&self, data: &Data<'_>) -> Result<(), AppendError> {
        let answer = self.enqueue(data, Mark::None)?;
        answer.await.unwrap_or(Err(AppendError::Stopped))
    }

    /// Appends a request, unless it is one that is on disk already, and returns when it is.
    /// While the same request is under way this waits: for it, or, if it is refused, to be the
    /// one that is appended.
    pub async fn append_once(&self, data: &Data<'_>, receipt: Receipt<'_>) -> Result<Appended, AppendError> {
        loop {
            let begun = self.shared.recent().begin(receipt.hash);
            match begun {
                Begun::First => break,
                Begun::Repeated(answer) => return Ok(Appended::Repeated(answer)),
                // The sender goes when the other is over, and says nothing before.
                Begun::UnderWay(over) => drop(over.await),
            }
        }
        // From `First` to here nothing was awaited: a caller that gives up leaves nothing under
        // way that the writer does not know of.
        let abandon = || self.shared.recent().abandon(receipt.hash);
        let answer = self.enqueue(data, Mark::Request(receipt)).inspect_err(|_| abandon())?;
        if let Ok(answer) = answer.await {
            return answer.map(|()| Appended::Stored);
        }
        abandon();
        Err(AppendError::Stopped)
    }

    /// Appends data of a source together with its position, unless it was taken before, and
    /// returns when both are on disk. While the partition has another range under way this
    /// waits.
    pub async fn append_from(&self, data: &Data<'_>, position: &Position<'_>) -> Result<Placed, AppendError> {
        loop {
            let begun = self.shared.positions().begin(position);
            match begun {
                position::Begun::First => break,
                position::Begun::Known(placed) => return Ok(placed),
                position::Begun::UnderWay(over) => drop(over.await),
            }
        }
        // As above: nothing was awaited since `First`.
        let abandon = || self.shared.positions().abandon(&position.into());
        let answer = self.enqueue(data, Mark::Position(*position)).inspect_err(|_| abandon())?;
        if let Ok(answer) = answer.await {
            return answer.map(|()| Placed::Stored);
        }
        abandon();
        Err(AppendError::Stopped)
    }

    /// The next offset of a source's partition; `None` if nothing of it was ever taken.
    pub fn position(&self, source: &str, topic: &str, partition: i32) -> Option<u64> {
        self.shared.positions().next(&Place::new(source, topic, partition))
    }

    /// Gives a record to the writer.
    fn enqueue(
        &self,
        data: &Data<'_>,
        mark: Mark<'_>,
    ) -> Result<oneshot::Receiver<Result<(), AppendError>>, AppendError> {
        let encoded = Encoded::data(data, mark);
        let size = encoded.size();
        let room = self.shared.max_bytes.saturating_sub(segment::HEAD_LEN);
        if size > room {
            return Err(AppendError::TooLarge { max_bytes: room });
        }
        let fits = self.shared.used.fetch_update(Ordering::AcqRel, Ordering::Acquire, |used| {
            used.checked_add(size).filter(|sum| *sum <= self.shared.max_bytes)
        });
        if fits.is_err() {
            return Err(self.refuse());
        }
        let note = match mark {
            Mark::None => Note::Nothing,
            Mark::Request(receipt) => Note::Request(receipt.into()),
            Mark::Position(position) => Note::Position((&position).into(), position.to_offset),
        };
        let (reply, answer) = oneshot::channel();
        let (rows, received_ns) = (u64::from(data.rows), data.received_ns);
        if self.commands.send(Command::Append(Append { encoded, rows, received_ns, note, reply })).is_err() {
            self.shared.used.fetch_sub(size, Ordering::AcqRel);
            return Err(AppendError::Stopped);
        }
        Ok(answer)
    }

    /// Hashes requests for [`Receipt`]s of this log.
    pub fn fingerprint(&self) -> Fingerprint {
        self.files.fingerprint()
    }

    /// Records that a slice is in the store (or, when `dead`, in the dead-letter folder).
    pub fn commit(&self, slice: Slice, dead: bool) {
        let _ = self.commands.send(Command::Commit { slice, dead });
    }

    /// Cuts what is pending into a slice now.
    pub fn flush(&self) {
        let _ = self.commands.send(Command::Flush);
    }

    /// Reads a slice: its records, and what of it is damaged.
    pub fn read(&self, slice: Slice) -> Result<SliceBytes, LogError> {
        self.read_into(slice, Vec::new())
    }

    /// [`Log::read`] into memory that is there: what it holds is forgotten.
    pub fn read_into(&self, slice: Slice, room: Vec<u8>) -> Result<SliceBytes, LogError> {
        let bytes = self.files.read(slice.segment, slice.start..slice.end, room)?;
        Ok(SliceBytes { bytes, key: self.files.key(), start: slice.start })
    }

    /// Whether a slice was found when the log was opened: it may be in the store already.
    pub fn is_recovered(&self, slice: Slice) -> bool {
        slice.segment < self.first_segment
    }

    /// The token of a slice's insert into `table`: the same after every restart. The slice
    /// must not be committed yet.
    pub fn token(&self, slice: Slice, table: &str) -> String {
        let identity = self.files.identity(slice.segment);
        slice.token(&identity.expect("a segment is kept while a slice of it is open"), table)
    }

    /// Keeps bytes that cannot be stored, under `name` in the folder `dead`.
    pub fn bury(&self, name: &str, bytes: &[u8]) -> Result<PathBuf, LogError> {
        self.files.bury(name, bytes)
    }

    /// How much is waiting.
    pub fn backlog(&self) -> Backlog {
        let oldest = self.shared.oldest_ns.load(Ordering::Relaxed);
        Backlog {
            bytes: self.shared.backlog_bytes.load(Ordering::Relaxed),
            slices: self.shared.outstanding.load(Ordering::Relaxed),
            oldest_ns: (oldest != 0).then_some(oldest),
            disk_bytes: self.shared.used.load(Ordering::Relaxed),
        }
    }

    /// Whether the last append was refused for lack of room, and none was made since.
    pub fn is_full(&self) -> bool {
        self.shared.full.load(Ordering::Relaxed)
    }

    /// The disk's last fault, until a write succeeds again.
    pub fn fault(&self) -> Option<String> {
        self.shared.fault.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    #[cfg(test)]
    pub(crate) fn shared(&self) -> &Shared {
        &self.shared
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        let _ = self.commands.send(Command::Stop);
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

/// The bytes of a slice.
#[derive(Debug)]
pub struct SliceBytes {
    bytes: Vec<u8>,
    key: record::Key,
    start: u64,
}

impl SliceBytes {
    /// The records, in order, and what of the slice is damaged.
    pub fn items(&self) -> impl Iterator<Item = Item<'_>> {
        scan::Scan::new(&self.bytes, self.start, self.key)
    }

    /// The bytes as they are in the log.
    pub fn raw(&self) -> &[u8] {
        &self.bytes
    }

    /// The memory, for the next slice.
    pub(crate) fn into_room(self) -> Vec<u8> {
        self.bytes
    }
}

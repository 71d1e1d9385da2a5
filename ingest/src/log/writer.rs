//! The group-commit thread: the only one that writes the log.

use std::io;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use super::file::Growing;
use super::record::Encoded;
use super::recover::Recovered;
use super::segment::{Files, HEAD_LEN};
use super::state::{Open, Pending, State};
use super::{AppendError, LogError, LogOptions, Shared, Slice};

/// The most bytes written before one sync.
const GROUP_BYTES: u64 = 16 << 20;

/// What the thread is asked to do.
#[derive(Debug)]
pub(super) enum Command {
    Append {
        encoded: Encoded,
        rows: u64,
        received_ns: i64,
        reply: oneshot::Sender<Result<(), AppendError>>,
    },
    Commit {
        slice: Slice,
        dead: bool,
    },
    /// Cut what is pending now.
    Flush,
    /// The log is full: let go of what is finished.
    Release,
    Stop,
}

type Append = (Encoded, u64, i64, oneshot::Sender<Result<(), AppendError>>);

pub(super) struct Writer {
    files: Files,
    options: LogOptions,
    shared: Arc<Shared>,
    ready: Sender<Slice>,
    number: u64,
    current: Growing,
    /// A failed write is still in the current file: nothing may be written behind it.
    broken: bool,
    pending: Option<Pending>,
    pending_since: Instant,
    state: State,
}

impl Writer {
    /// Begins a segment, cuts what was found uncut, and hands out everything open.
    pub(super) fn start(
        files: Files,
        options: LogOptions,
        shared: Arc<Shared>,
        ready: Sender<Slice>,
        found: Recovered,
    ) -> Result<Self, LogError> {
        let number = found.next;
        let create = || {
            Growing::create(
                &files.path(number),
                &files.head(number),
                #[cfg(test)]
                &shared.faults,
            )
        };
        let current = create()
            .or_else(|e| if files.use_spare() { create() } else { Err(e) })
            .map_err(|e| LogError::io(format!("make {}", files.path(number).display()), e))?;
        files.sync_dir().map_err(|e| LogError::io("sync the log's folder", e))?;
        shared.used.store(found.disk_bytes + HEAD_LEN, Ordering::Release);
        let mut this = Self {
            files,
            options,
            shared,
            ready,
            number,
            current,
            broken: false,
            pending: None,
            pending_since: Instant::now(),
            state: found.state,
        };
        this.state.count(number, HEAD_LEN);
        let mut open = found.open;
        let mut marks = Vec::new();
        for (segment, stretch) in found.uncut {
            let slice = stretch.slice(segment);
            Encoded::cut(slice).write(this.files.key(), this.current.durable, &mut marks);
            open.insert(slice, Open { bytes: stretch.bytes, received_ns: stretch.received_ns });
        }
        this.write_marks(&marks).map_err(|e| LogError::io("write slice boundaries", e))?;
        for (slice, open) in open {
            this.shared.backlog_bytes.fetch_add(open.bytes, Ordering::Relaxed);
            this.hand_out(slice, open);
        }
        this.release();
        this.publish();
        Ok(this)
    }

    pub(super) fn run(mut self, queue: &Receiver<Command>) {
        loop {
            let first = match self.until_cut() {
                None => queue.recv().map_err(|_| RecvTimeoutError::Disconnected),
                Some(wait) => queue.recv_timeout(wait),
            };
            let mut next = match first {
                Ok(command) => Some(command),
                Err(RecvTimeoutError::Timeout) => None,
                Err(RecvTimeoutError::Disconnected) => return,
            };
            let (mut appends, mut commits, mut bytes, mut flush) = (Vec::new(), Vec::new(), 0, false);
            while let Some(command) = next {
                match command {
                    Command::Append { encoded, rows, received_ns, reply } => {
                        bytes += encoded.size();
                        appends.push((encoded, rows, received_ns, reply));
                    }
                    Command::Commit { slice, dead } => commits.push((slice, dead)),
                    Command::Flush => flush = true,
                    Command::Release => {}
                    Command::Stop => return,
                }
                next = if bytes < GROUP_BYTES { queue.try_recv().ok() } else { None };
            }
            self.commit(&commits);
            if !appends.is_empty() {
                self.append(appends);
            }
            if flush || self.until_cut() == Some(Duration::ZERO) {
                self.cut();
            }
            self.release();
            self.publish();
        }
    }

    /// How long until age cuts the pending slice; `None` while nothing is to be cut.
    fn until_cut(&self) -> Option<Duration> {
        let out = self.shared.outstanding.load(Ordering::Relaxed);
        (self.pending.is_some() && out < self.options.slices_in_flight)
            .then(|| self.options.slice_max_age.saturating_sub(self.pending_since.elapsed()))
    }

    fn append(&mut self, appends: Vec<Append>) {
        let total: u64 = appends.iter().map(|(encoded, ..)| encoded.size()).sum();
        let written = self.prepare(total).and_then(|()| {
            let saved = (self.pending, self.pending_since);
            self.write_group(&appends, total).inspect_err(|_| {
                (self.pending, self.pending_since) = saved;
                self.take_back();
            })
        });
        match written {
            Ok((slices, marks)) => {
                self.set_fault(None);
                self.state.count(self.number, total + marks);
                self.shared.used.fetch_add(marks, Ordering::AcqRel);
                self.shared.backlog_bytes.fetch_add(total, Ordering::Relaxed);
                for (slice, open) in slices {
                    self.hand_out(slice, open);
                }
                for (.., reply) in appends {
                    // A client that went away needs no answer; its request is stored.
                    let _ = reply.send(Ok(()));
                }
            }
            Err(error) => {
                let refusal = AppendError::from_io(&error);
                self.set_fault(Some(refusal.to_string()));
                tracing::error!(%error, requests = appends.len(), "log: requests could not be written and were refused");
                self.shared.used.fetch_sub(total, Ordering::AcqRel);
                for (.., reply) in appends {
                    let _ = reply.send(Err(refusal.clone()));
                }
            }
        }
    }

    /// Makes sure of the space kept aside, and begins a new segment if one is due.
    fn prepare(&mut self, total: u64) -> io::Result<()> {
        self.files.make_spare()?;
        self.mend()?;
        if self.current.len > HEAD_LEN && self.current.len + total > self.options.segment_bytes {
            self.rotate()?;
        }
        Ok(())
    }

    /// Writes a group and syncs it. The slices it completed, and the bytes of their marks.
    fn write_group(&mut self, appends: &[Append], total: u64) -> io::Result<(Vec<(Slice, Open)>, u64)> {
        let mut bytes = Vec::with_capacity(total as usize + 256);
        let mut slices = Vec::new();
        for (encoded, rows, received_ns, _) in appends {
            let fits = |p: &Pending| {
                p.rows + rows <= self.options.slice_max_rows
                    && p.bytes + encoded.size() <= self.options.slice_max_bytes
            };
            if self.pending.as_ref().is_some_and(|p| !fits(p)) {
                self.cut_into(&mut bytes, &mut slices);
            }
            let start = self.current.len + bytes.len() as u64;
            encoded.write(self.files.key(), self.current.durable, &mut bytes);
            let end = self.current.len + bytes.len() as u64;
            if self.pending.is_none() {
                self.pending_since = Instant::now();
            }
            self.pending = Some(Pending::with(self.pending, start, end, *rows, *received_ns));
        }
        let full = |p: &Pending| {
            p.rows >= self.options.slice_max_rows || p.bytes >= self.options.slice_max_bytes
        };
        if self.pending.as_ref().is_some_and(full) {
            self.cut_into(&mut bytes, &mut slices);
        }
        let marks = bytes.len() as u64 - total;
        self.current.append(&bytes)?;
        self.current.sync()?;
        Ok((slices, marks))
    }

    /// Puts the boundaries of the pending slice behind `bytes`.
    fn cut_into(&mut self, bytes: &mut Vec<u8>, slices: &mut Vec<(Slice, Open)>) {
        if let Some(pending) = self.pending.take() {
            let slice = pending.slice(self.number);
            Encoded::cut(slice).write(self.files.key(), self.current.durable, bytes);
            slices.push((slice, Open { bytes: pending.bytes, received_ns: pending.received_ns }));
        }
    }

    /// Cuts the pending slice: its boundaries first, on disk, then the hand-out.
    fn cut(&mut self) {
        let saved = self.pending;
        let (mut bytes, mut slices) = (Vec::new(), Vec::new());
        self.cut_into(&mut bytes, &mut slices);
        if let Err(error) = self.write_marks(&bytes) {
            self.pending = saved;
            self.pending_since = Instant::now();
            self.set_fault(Some(AppendError::from_io(&error).to_string()));
            tracing::error!(%error, "log: slice boundaries could not be written, will be tried again");
            return;
        }
        for (slice, open) in slices {
            self.hand_out(slice, open);
        }
    }

    /// Writes marks and syncs them; on a full disk with the space kept aside.
    fn write_marks(&mut self, bytes: &[u8]) -> io::Result<()> {
        if bytes.is_empty() {
            return Ok(());
        }
        self.mend()?;
        let mut written = self.current.append(bytes).and_then(|()| self.current.sync());
        if written.is_err() {
            self.take_back();
            if self.files.use_spare() {
                self.mend()?;
                written = self.current.append(bytes).and_then(|()| self.current.sync());
                if written.is_err() {
                    self.take_back();
                }
            }
        }
        if written.is_ok() {
            self.state.count(self.number, bytes.len() as u64);
            self.shared.used.fetch_add(bytes.len() as u64, Ordering::AcqRel);
        }
        written
    }

    /// Takes a failed write back; if that fails too, it is tried before the next write.
    fn take_back(&mut self) {
        self.broken = true;
        if let Err(error) = self.mend() {
            tracing::error!(%error, "log: a failed write could not be taken back");
        }
    }

    fn mend(&mut self) -> io::Result<()> {
        if self.broken {
            self.current.cut_back()?;
            self.broken = false;
        }
        Ok(())
    }

    fn hand_out(&mut self, slice: Slice, open: Open) {
        self.state.open(slice, open);
        self.shared.outstanding.fetch_add(1, Ordering::AcqRel);
        // Without a receiver the service is stopping; the slice is found at the next start.
        let _ = self.ready.send(slice);
    }

    fn commit(&mut self, commits: &[(Slice, bool)]) {
        let mut bytes = Vec::new();
        for (slice, dead) in commits {
            let Some(open) = self.state.close(*slice) else { continue };
            self.shared.outstanding.fetch_sub(1, Ordering::AcqRel);
            self.shared.backlog_bytes.fetch_sub(open.bytes, Ordering::Relaxed);
            Encoded::commit(*slice, *dead).write(self.files.key(), self.current.durable, &mut bytes);
        }
        // Not synced: a lost mark costs one more insert, which the store recognises.
        if bytes.is_empty() {
            return;
        }
        match self.mend().and_then(|()| self.current.append(&bytes)) {
            Ok(()) => {
                self.state.count(self.number, bytes.len() as u64);
                self.shared.used.fetch_add(bytes.len() as u64, Ordering::AcqRel);
            }
            Err(error) => {
                tracing::warn!(%error, "log: commit marks could not be written");
                self.take_back();
            }
        }
    }

    /// Closes the current segment and begins the next.
    fn rotate(&mut self) -> io::Result<()> {
        if self.pending.is_some() {
            self.cut();
            if self.pending.is_some() {
                return Err(io::ErrorKind::StorageFull.into());
            }
        }
        self.current.sync()?;
        let number = self.number + 1;
        let next = Growing::create(
            &self.files.path(number),
            &self.files.head(number),
            #[cfg(test)]
            &self.shared.faults,
        )?;
        self.files.sync_dir()?;
        self.state.seal(self.number);
        (self.number, self.current) = (number, next);
        self.state.count(number, HEAD_LEN);
        self.shared.used.fetch_add(HEAD_LEN, Ordering::AcqRel);
        Ok(())
    }

    /// Deletes finished segments, oldest first; the current one too when space is needed.
    fn release(&mut self) {
        let full = self.shared.full.load(Ordering::Relaxed);
        let idle = self.pending.is_none() && self.state.is_done(self.number);
        let large = self.current.len > self.options.segment_bytes / 2;
        if idle && self.current.len > HEAD_LEN && (full || large) {
            if let Err(error) = self.rotate() {
                tracing::warn!(%error, "log: a new segment could not be begun");
            }
        }
        let mut freed = false;
        while let Some((number, bytes)) = self.state.deletable() {
            if let Err(error) = self.files.remove(number) {
                tracing::warn!(%error, segment = number, "log: a finished segment could not be deleted");
                break;
            }
            self.state.forget(number);
            self.shared.used.fetch_sub(bytes, Ordering::AcqRel);
            freed = true;
        }
        let roomy = self.shared.used.load(Ordering::Relaxed) < self.options.max_bytes / 4 * 3;
        if freed || (full && roomy) {
            self.shared.full.store(false, Ordering::Relaxed);
        }
    }

    /// Shows where the log stands.
    fn publish(&self) {
        let oldest = self.state.oldest_ns().or(self.pending.map(|p| p.received_ns)).unwrap_or(0);
        self.shared.oldest_ns.store(oldest.max(0) as u64, Ordering::Relaxed);
        let bytes = self.shared.backlog_bytes.load(Ordering::Relaxed);
        metrics::gauge!("headroom_ingest_backlog_bytes").set(bytes as f64);
        let slices = self.shared.outstanding.load(Ordering::Relaxed);
        metrics::gauge!("headroom_ingest_backlog_slices").set(slices as f64);
        let disk = self.shared.used.load(Ordering::Relaxed);
        metrics::gauge!("headroom_ingest_log_bytes").set(disk as f64);
    }

    fn set_fault(&self, fault: Option<String>) {
        *self.shared.fault.lock().unwrap_or_else(PoisonError::into_inner) = fault;
    }
}

//! The group-commit thread: the only one that writes the log.

mod marks;

use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use super::file::Growing;
use super::position::Place;
use super::receipt::Noted;
use super::recent::Saved;
use super::record::Encoded;
use super::recover::Recovered;
use super::segment::{Files, HEAD_LEN};
use super::state::{Open, Pending, State};
use super::{AppendError, LogError, LogOptions, Shared, Slice};

/// The most bytes written before one sync.
const GROUP_BYTES: u64 = 16 << 20;

/// When to try once more to delete a segment that could not be deleted.
const DELETE_AGAIN: Duration = Duration::from_secs(1);

/// What the thread is asked to do.
#[derive(Debug)]
pub(super) enum Command {
    Append(Append),
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

/// What to remember once a record is on disk.
#[derive(Debug)]
pub(super) enum Note {
    Nothing,
    Request(Noted),
    /// The next offset of a partition.
    Position(Place, u64),
}

/// A record to write.
#[derive(Debug)]
pub(super) struct Append {
    pub(super) encoded: Encoded,
    pub(super) rows: u64,
    pub(super) received_ns: i64,
    pub(super) note: Note,
    pub(super) reply: oneshot::Sender<Result<(), AppendError>>,
}

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
    saved: Saved,
}

impl Writer {
    /// Begins a segment, cuts what was found uncut, and hands out everything open.
    pub(super) fn start(
        files: Files,
        options: LogOptions,
        shared: Arc<Shared>,
        ready: Sender<Slice>,
        found: Recovered,
        saved: Saved,
    ) -> Result<Self, LogError> {
        let number = found.next;
        let create = || {
            Growing::create(
                &files.path(number),
                &files.new_head(number)?,
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
            saved,
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
            let wait = self.until_cut().or(self.state.deletable().is_some().then_some(DELETE_AGAIN));
            let first = match wait {
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
                    Command::Append(append) => {
                        bytes += append.encoded.size();
                        appends.push(append);
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
        let total: u64 = appends.iter().map(|append| append.encoded.size()).sum();
        let written = self.prepare(total).and_then(|()| {
            let saved = (self.pending, self.pending_since);
            self.write_group(&appends, total).inspect_err(|_| {
                (self.pending, self.pending_since) = saved;
                self.take_back();
            })
        });
        match written {
            Ok((slices, marks)) => {
                if self.shared.set_fault(None) {
                    tracing::info!("log: requests are written again");
                }
                self.state.count(self.number, total + marks);
                self.shared.used.fetch_add(marks, Ordering::AcqRel);
                self.shared.backlog_bytes.fetch_add(total, Ordering::Relaxed);
                for (slice, open) in slices {
                    self.hand_out(slice, open);
                }
                self.remember(appends);
            }
            Err(error) => {
                let refusal = AppendError::from_io(&error);
                if self.shared.set_fault(Some(refusal.to_string())) {
                    tracing::error!(%error, "log: requests cannot be written and are refused until that is mended");
                }
                self.shared.used.fetch_sub(total, Ordering::AcqRel);
                for append in appends {
                    match append.note {
                        Note::Nothing => {}
                        Note::Request(noted) => self.shared.recent().abandon(noted.hash),
                        Note::Position(place, _) => self.shared.positions().abandon(&place),
                    }
                    let _ = append.reply.send(Err(refusal.clone()));
                }
            }
        }
    }

    /// Remembers what is on disk now, and only then answers. This is done here and not by who
    /// waits for the answer: a client that went away comes back with the same request.
    fn remember(&self, appends: Vec<Append>) {
        let mut replies = Vec::with_capacity(appends.len());
        let mut recent = self.shared.recent();
        for append in appends {
            match append.note {
                Note::Nothing => {}
                Note::Request(noted) => recent.finish(noted, self.number),
                Note::Position(place, next) => self.shared.positions().finish(place, next, self.number),
            }
            replies.push(append.reply);
        }
        drop(recent);
        for reply in replies {
            let _ = reply.send(Ok(()));
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
        for Append { encoded, rows, received_ns, .. } in appends {
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
        let full =
            |p: &Pending| p.rows >= self.options.slice_max_rows || p.bytes >= self.options.slice_max_bytes;
        if self.pending.as_ref().is_some_and(full) {
            self.cut_into(&mut bytes, &mut slices);
        }
        let marks = bytes.len() as u64 - total;
        self.current.append(&bytes)?;
        self.current.sync()?;
        Ok((slices, marks))
    }

    /// Shows where the log stands.
    fn publish(&self) {
        let oldest = self.state.oldest_ns().or(self.pending.map(|p| p.received_ns)).unwrap_or(0);
        self.shared.oldest_ns.store(oldest.max(0) as u64, Ordering::Relaxed);
        metrics::gauge!("headroom_ingest_backlog_oldest_timestamp_seconds").set(oldest as f64 / 1e9);
        let bytes = self.shared.backlog_bytes.load(Ordering::Relaxed);
        metrics::gauge!("headroom_ingest_backlog_bytes").set(bytes as f64);
        let slices = self.shared.outstanding.load(Ordering::Relaxed);
        metrics::gauge!("headroom_ingest_backlog_slices").set(slices as f64);
        let disk = self.shared.used.load(Ordering::Relaxed);
        metrics::gauge!("headroom_ingest_log_bytes").set(disk as f64);
        let remembered = self.shared.recent().len();
        metrics::gauge!("headroom_ingest_remembered_requests").set(remembered as f64);
    }
}

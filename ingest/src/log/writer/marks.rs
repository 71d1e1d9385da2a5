//! Slices and segments: cutting, handing out, committing, beginning, deleting.

use std::io;
use std::sync::atomic::Ordering;
use std::time::Instant;

use super::Writer;
use crate::log::file::Growing;
use crate::log::record::Encoded;
use crate::log::segment::HEAD_LEN;
use crate::log::state::Open;
use crate::log::{AppendError, Slice};

impl Writer {
    /// Puts the boundaries of the pending slice behind `bytes`.
    pub(super) fn cut_into(&mut self, bytes: &mut Vec<u8>, slices: &mut Vec<(Slice, Open)>) {
        if let Some(pending) = self.pending.take() {
            let slice = pending.slice(self.number);
            Encoded::cut(slice).write(self.files.key(), self.current.durable, bytes);
            slices.push((slice, Open { bytes: pending.bytes, received_ns: pending.received_ns }));
        }
    }

    /// Cuts the pending slice: its boundaries first, on disk, then the hand-out.
    pub(super) fn cut(&mut self) {
        let saved = self.pending;
        let (mut bytes, mut slices) = (Vec::new(), Vec::new());
        self.cut_into(&mut bytes, &mut slices);
        if let Err(error) = self.write_marks(&bytes) {
            self.pending = saved;
            self.pending_since = Instant::now();
            if self.shared.set_fault(Some(AppendError::from_io(&error).to_string())) {
                tracing::error!(%error, "log: slice boundaries cannot be written, are tried again");
            }
            return;
        }
        for (slice, open) in slices {
            self.hand_out(slice, open);
        }
    }

    /// Writes marks and syncs them; on a full disk with the space kept aside.
    pub(super) fn write_marks(&mut self, bytes: &[u8]) -> io::Result<()> {
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
    pub(super) fn take_back(&mut self) {
        self.broken = true;
        if let Err(error) = self.mend() {
            tracing::error!(%error, "log: a failed write could not be taken back");
        }
    }

    pub(super) fn mend(&mut self) -> io::Result<()> {
        if self.broken {
            self.current.cut_back()?;
            self.broken = false;
        }
        Ok(())
    }

    pub(super) fn hand_out(&mut self, slice: Slice, open: Open) {
        self.state.open(slice, open);
        self.shared.outstanding.fetch_add(1, Ordering::AcqRel);
        // Without a receiver the service is stopping; the slice is found at the next start.
        let _ = self.ready.send(slice);
    }

    pub(super) fn commit(&mut self, commits: &[(Slice, bool)]) {
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
    pub(super) fn rotate(&mut self) -> io::Result<()> {
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
            &self.files.new_head(number)?,
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

    /// Keeps what is to be remembered of a segment before it goes; on a full disk with the
    /// space kept aside.
    fn save(&mut self, segment: u64) -> io::Result<()> {
        let saved = self.saved.save(segment, &self.files, &self.shared);
        if saved.is_err() && self.files.use_spare() {
            return self.saved.save(segment, &self.files, &self.shared);
        }
        saved
    }

    /// Deletes finished segments, oldest first; the current one too when space is needed.
    pub(super) fn release(&mut self) {
        let full = self.shared.full.load(Ordering::Relaxed);
        let idle = self.pending.is_none() && self.state.is_done(self.number);
        let large = self.current.len > self.options.segment_bytes / 2;
        if idle && self.current.len > HEAD_LEN && (full || large)
            && let Err(error) = self.rotate()
            // A fault that is known already has its line.
            && !self.shared.has_fault()
        {
            tracing::warn!(%error, "log: a new segment could not be begun");
        }
        let mut freed = false;
        while let Some((number, bytes)) = self.state.deletable() {
            if let Err(error) = self.save(number).and_then(|()| self.files.remove(number)) {
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
}

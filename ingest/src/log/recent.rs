//! Requests of the last minutes: what was stored is answered again and not stored again.
//!
//! A client that lost our answer sends the same bytes once more. Each request's hash is in
//! its log record, and from the moment that record is on disk the hash is remembered here
//! for a while ([`age`] says how time is told). While the record is still being written, a
//! second request with that hash waits: it must not be acknowledged before the first is
//! durable, and if the first fails it is taken on its own.
//!
//! At a start the hashes come back from the records. Those whose segment is deleted earlier
//! are kept in the file `recent` ([`saved`]).

mod age;
mod saved;

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::collections::VecDeque;
use std::collections::hash_map::Entry;
use std::sync::Arc;
use std::time::Duration;

use hashbrown::HashTable;
use headroom_store::Clock;
use tokio::sync::oneshot;

use super::receipt::{Answer, Noted, Receipt};
use age::Age;

pub(super) use saved::Saved;

/// The most requests that are remembered, which takes 80 MB.
const MOST: usize = 1_000_000;

/// The most bytes of messages that are remembered with them.
const MOST_MESSAGE_BYTES: usize = 16 << 20;

/// What a request's hash says.
#[derive(Debug)]
pub(super) enum Begun {
    /// It was not seen: it is under way from now on, until it is finished or abandoned.
    First,
    /// It is on disk.
    Repeated(Answer),
    /// The same request is under way; this ends when that is over.
    UnderWay(oneshot::Receiver<()>),
}

/// A request that is remembered.
#[derive(Debug)]
struct Kept {
    noted: Noted,
    /// When it came, as [`Age`] counts.
    at: u64,
    /// The segment that its record is in; 0 when it is in the file `recent`.
    segment: u64,
}

/// The requests that are remembered, oldest first, and those under way.
#[derive(Debug)]
pub(super) struct Recent {
    clock: Arc<dyn Clock>,
    window: u64,
    most: usize,
    age: Age,
    kept: VecDeque<Kept>,
    /// The number of the first of `kept`; the others follow.
    first: u64,
    /// Numbers by hash.
    index: HashTable<u64>,
    message_bytes: usize,
    under_way: HashMap<u128, Vec<oneshot::Sender<()>>>,
}

impl Recent {
    /// Remembers requests for `window`; not at all if that is zero.
    pub(super) fn new(window: Duration, clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            window: u64::try_from(window.as_nanos()).unwrap_or(u64::MAX),
            most: MOST,
            age: Age::default(),
            kept: VecDeque::new(),
            first: 0,
            index: HashTable::new(),
            message_bytes: 0,
            under_way: HashMap::new(),
        }
    }

    /// A request came.
    pub(super) fn begin(&mut self, hash: u128) -> Begun {
        if self.window == 0 {
            return Begun::First;
        }
        self.forget_old();
        if let Some(kept) = self.find(hash) {
            let Receipt { rejected, message, .. } = kept.noted.receipt();
            return Begun::Repeated(Answer { rejected, message: message.to_owned() });
        }
        match self.under_way.entry(hash) {
            Entry::Vacant(entry) => {
                entry.insert(Vec::new());
                Begun::First
            }
            Entry::Occupied(mut entry) => {
                let (over, wait) = oneshot::channel();
                entry.get_mut().push(over);
                Begun::UnderWay(wait)
            }
        }
    }

    /// A request that was under way is on disk, in `segment`.
    pub(super) fn finish(&mut self, noted: Noted, segment: u64) {
        if self.window == 0 {
            return;
        }
        let hash = noted.hash;
        self.keep(noted, self.age.passed(), segment);
        // Those who wait ask again and find it.
        self.under_way.remove(&hash);
    }

    /// A request that was under way was refused.
    pub(super) fn abandon(&mut self, hash: u128) {
        self.under_way.remove(&hash);
    }

    /// A request was found at the start, in `segment` (0: in the file `recent`), received at
    /// `received_ns`. They must come in the order in which they were written.
    pub(super) fn found(&mut self, receipt: Receipt<'_>, received_ns: i64, segment: u64) {
        // A deleted segment can be back after a crash: its requests are in the file too.
        if self.window > 0 && self.find(receipt.hash).is_none() {
            let at = self.age.observe(received_ns);
            self.keep(receipt.into(), at, segment);
        }
    }

    /// How many are remembered.
    pub(super) fn len(&self) -> usize {
        self.kept.len()
    }

    /// Looks at the clock, and forgets what is older than the window.
    fn forget_old(&mut self) {
        let now = self.clock.now().timestamp_nanos_opt().unwrap_or(i64::MAX);
        let passed = self.age.observe(now);
        while self.kept.front().is_some_and(|kept| passed - kept.at > self.window) {
            self.forget_first();
        }
    }

    fn keep(&mut self, noted: Noted, at: u64, segment: u64) {
        self.message_bytes += noted.message.as_ref().map_or(0, |message| message.len());
        let (hash, number) = (noted.hash as u64, self.first + self.kept.len() as u64);
        self.kept.push_back(Kept { noted, at, segment });
        let (kept, first) = (&self.kept, self.first);
        self.index.insert_unique(hash, number, |n| kept[(n - first) as usize].noted.hash as u64);
        while self.kept.len() > self.most || self.message_bytes > MOST_MESSAGE_BYTES {
            self.forget_first();
            metrics::counter!("headroom_ingest_forgotten_requests_total").increment(1);
        }
    }

    fn find(&self, hash: u128) -> Option<&Kept> {
        let kept = |number: &u64| &self.kept[(number - self.first) as usize];
        self.index.find(hash as u64, |number| kept(number).noted.hash == hash).map(kept)
    }

    fn forget_first(&mut self) {
        let Some(oldest) = self.kept.pop_front() else { return };
        let number = self.first;
        if let Ok(entry) = self.index.find_entry(oldest.noted.hash as u64, |n| *n == number) {
            entry.remove();
        }
        self.first += 1;
        self.message_bytes -= oldest.noted.message.map_or(0, |message| message.len());
    }
}

//! The queues: who gets a server when.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use super::usage::{Reading, Usage};
use super::{Limits, Resource};

/// A request for a server of a resource.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ask {
    pub(crate) resource: Resource,
    /// When it arrives, ns.
    pub(crate) at: i64,
    /// How long it keeps the server, ns.
    pub(crate) hold: i64,
}

/// When the server is the asker's, or when the asker gave up; ns.
pub(crate) type Answer = Result<i64, i64>;

/// First come, first served, by the server that is free first.
///
/// Since everyone says on arrival how long they will stay, and arrivals come in
/// the order of time, the wait is known on arrival: the recursion of Kiefer and
/// Wolfowitz (1955) for the queue with many servers.
pub(crate) struct Queue {
    /// When each server is free again.
    free: BinaryHeap<Reverse<i64>>,
    timeout: i64,
    usage: Usage,
}

impl Queue {
    pub(crate) fn new(servers: u32, timeout: i64) -> Self {
        let free = (0..servers).map(|_| Reverse(i64::MIN)).collect();
        Self { free, timeout, usage: Usage::default() }
    }

    pub(crate) fn take(&mut self, at: i64, hold: i64) -> Answer {
        let gives_up = at.saturating_add(self.timeout);
        // A queue without servers, which the types do not allow, lets nobody in.
        let Some(mut first) = self.free.peek_mut() else { return Err(gives_up) };
        let start = first.0.max(at);
        if start > gives_up {
            self.usage.gave_up(at, gives_up);
            return Err(gives_up);
        }
        let end = start.saturating_add(hold);
        *first = Reverse(end);
        self.usage.served(at, start, end);
        Ok(start)
    }

    /// What happened since the last reading, up to `ts` (ns). Nothing that
    /// arrives later may have arrived before `ts`.
    pub(crate) fn read(&mut self, ts: i64) -> Reading {
        self.usage.read(ts)
    }
}

/// All queues of a platform.
#[derive(Default)]
pub(crate) struct Resources {
    queues: BTreeMap<Resource, Queue>,
}

impl Resources {
    pub(crate) fn new(limits: &Limits) -> Self {
        let queue = |(resource, servers, timeout): (_, _, std::time::Duration)| {
            (resource, Queue::new(servers, timeout.as_nanos().min(i64::MAX as u128) as i64))
        };
        Self { queues: limits.resources().map(queue).collect() }
    }

    /// What is not limited is had at once.
    pub(crate) fn take(&mut self, ask: Ask) -> Answer {
        self.queues.get_mut(&ask.resource).map_or(Ok(ask.at), |queue| queue.take(ask.at, ask.hold))
    }

    pub(crate) fn read(&mut self, ts: i64) -> BTreeMap<Resource, Reading> {
        self.queues.iter_mut().map(|(resource, queue)| (*resource, queue.read(ts))).collect()
    }
}

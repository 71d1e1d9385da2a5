//! What really happened at a queue, read out once a tick.

/// Upper bounds of the wait and use times in seconds: those the semantic
/// conventions advise for the duration of database calls.
pub(crate) const TIME_BOUNDS: [f64; 9] = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0];

/// A histogram of times, from the start of the run.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Times {
    pub(crate) count: u64,
    pub(crate) seconds: f64,
    pub(crate) buckets: [u64; TIME_BOUNDS.len() + 1],
}

impl Times {
    fn add(&mut self, ns: i64) {
        let seconds = ns as f64 / 1e9;
        self.count += 1;
        self.seconds += seconds;
        self.buckets[TIME_BOUNDS.partition_point(|b| *b < seconds)] += 1;
    }
}

/// A resource at the end of a tick.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Reading {
    /// Servers in use at this instant.
    pub(crate) used: u64,
    /// Requests waiting at this instant.
    pub(crate) pending: u64,
    /// Server-seconds in use since the last reading.
    pub(crate) busy: f64,
    /// Requests that gave up, from the start of the run.
    pub(crate) timeouts: u64,
    /// How long those waited who got a server.
    pub(crate) waited: Times,
    /// How long those kept it who gave it back.
    pub(crate) kept: Times,
}

/// From and to, ns.
type Stretch = (i64, i64);

/// Stretches that were not over at the last reading, and the counts so far.
#[derive(Default)]
pub(super) struct Usage {
    last: i64,
    uses: Vec<Stretch>,
    waits: Vec<Stretch>,
    vain: Vec<Stretch>,
    so_far: Reading,
}

impl Usage {
    pub(super) fn served(&mut self, arrival: i64, start: i64, end: i64) {
        self.waits.push((arrival, start));
        self.uses.push((start, end));
    }

    pub(super) fn gave_up(&mut self, arrival: i64, end: i64) {
        self.vain.push((arrival, end));
    }

    pub(super) fn read(&mut self, ts: i64) -> Reading {
        let Self { last, uses, waits, vain, so_far } = self;
        let busy: i64 = uses.iter().map(|(from, to)| ((*to).min(ts) - (*from).max(*last)).max(0)).sum();
        for (from, to) in waits.extract_if(.., |(_, to)| *to <= ts) {
            so_far.waited.add(to - from);
        }
        for (from, to) in uses.extract_if(.., |(_, to)| *to <= ts) {
            so_far.kept.add(to - from);
        }
        so_far.timeouts += vain.extract_if(.., |(_, to)| *to <= ts).count() as u64;
        // What is left has not ended: it is under way if it has begun.
        so_far.used = uses.iter().filter(|(from, _)| *from <= ts).count() as u64;
        so_far.pending = waits.iter().chain(vain.iter()).filter(|(from, _)| *from <= ts).count() as u64;
        so_far.busy = busy as f64 / 1e9;
        *last = ts;
        so_far.clone()
    }
}

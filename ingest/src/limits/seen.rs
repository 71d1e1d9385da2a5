//! Which keys or series a tenant has used, up to a bound.
//!
//! Time is cut into windows (a day, an hour). What was in use in the window before keeps its
//! place in the next one, up to twice the bound: when a faulty sender invents names without
//! end, the window's first minutes must not decide whether `http.route` is still known.

use std::hash::{BuildHasherDefault, Hasher};
use std::sync::{PoisonError, RwLock, RwLockReadGuard};

use hashbrown::HashSet;

/// Hashes are their own hash.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Itself(u64);

impl Hasher for Itself {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, v: u64) {
        self.0 = v;
    }
}

/// A set of 64-bit hashes.
pub(crate) type Hashes = HashSet<u64, BuildHasherDefault<Itself>>;

/// What was seen in this window and in the one before.
#[derive(Debug, Default)]
pub(crate) struct Sets {
    window: i64,
    current: Hashes,
    previous: Hashes,
}

impl Sets {
    /// Whether `hash` has its place in this window already.
    #[inline]
    pub(crate) fn holds(&self, hash: u64) -> bool {
        self.current.contains(&hash)
    }

    fn is_behind(&self, window: i64) -> bool {
        // One window back is a request that was under way when the window ended; more is a
        // clock that was set back.
        window > self.window || window < self.window - 1
    }

    fn turn(&mut self, window: i64) {
        if self.is_behind(window) {
            self.previous = std::mem::take(&mut self.current);
            self.window = window;
        }
    }
}

/// The bounded memory of one tenant and one kind of name.
#[derive(Debug)]
pub(crate) struct Seen {
    limit: usize,
    window_ns: i64,
    sets: RwLock<Sets>,
}

impl Seen {
    pub(crate) fn new(limit: usize, window_ns: i64) -> Self {
        Self { limit, window_ns, sets: RwLock::default() }
    }

    /// For looking up; `None` when there is no limit.
    pub(crate) fn look(&self, now_ns: i64) -> Option<RwLockReadGuard<'_, Sets>> {
        if self.limit == 0 {
            return None;
        }
        let window = now_ns.div_euclid(self.window_ns);
        let read = || self.sets.read().unwrap_or_else(PoisonError::into_inner);
        let sets = read();
        if !sets.is_behind(window) {
            return Some(sets);
        }
        drop(sets);
        self.sets.write().unwrap_or_else(PoisonError::into_inner).turn(window);
        Some(read())
    }

    /// Gives each of `fresh` a place, in their order. Those that find none, and how many
    /// places are taken.
    pub(crate) fn admit(&self, fresh: impl IntoIterator<Item = u64>) -> (Hashes, usize) {
        let mut refused = Hashes::default();
        let mut sets = self.sets.write().unwrap_or_else(PoisonError::into_inner);
        for hash in fresh {
            if sets.current.contains(&hash) {
                continue;
            }
            let places =
                if sets.previous.contains(&hash) { self.limit.saturating_mul(2) } else { self.limit };
            if sets.current.len() < places {
                sets.current.insert(hash);
            } else {
                refused.insert(hash);
            }
        }
        (refused, sets.current.len())
    }

    /// How many places are taken, in the window of `now_ns`; `None` without a limit.
    pub(crate) fn used(&self, now_ns: i64) -> Option<usize> {
        self.look(now_ns).map(|sets| sets.current.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600_000_000_000;

    fn ask(seen: &Seen, now: i64, hashes: std::ops::Range<u64>) -> usize {
        let fresh: Vec<_> = {
            let sets = seen.look(now).expect("a limit");
            hashes.filter(|h| !sets.holds(*h)).collect()
        };
        seen.admit(fresh).0.len()
    }

    #[test]
    fn the_bound_holds_and_what_is_known_stays() {
        let seen = Seen::new(10, HOUR);
        assert_eq!(ask(&seen, 0, 0..8), 0);
        assert_eq!(ask(&seen, 1, 0..12), 2);
        assert_eq!(ask(&seen, 2, 0..10), 0);
        assert_eq!(seen.used(3), Some(10));
        // In the next hour a flood comes first, and the known ones come after it.
        assert_eq!(ask(&seen, HOUR, 1000..2000), 990);
        assert_eq!(ask(&seen, HOUR, 0..10), 0);
        assert_eq!(seen.used(HOUR), Some(20));
        // A request from before the turn changes nothing.
        assert_eq!(ask(&seen, HOUR - 1, 0..10), 0);
        assert_eq!(seen.used(HOUR), Some(20));
        // Never more than twice the bound.
        assert_eq!(ask(&seen, 2 * HOUR, 5000..6000), 990);
        assert_eq!(ask(&seen, 2 * HOUR, 0..10) + ask(&seen, 2 * HOUR, 1000..1010), 10);
        assert_eq!(seen.used(2 * HOUR), Some(20));
    }

    #[test]
    fn a_clock_that_was_wrong_for_a_while_does_no_lasting_harm() {
        let seen = Seen::new(1, HOUR);
        assert_eq!(ask(&seen, 1000 * HOUR, 0..1), 0);
        assert_eq!(ask(&seen, 0, 1..2), 0);
        assert_eq!(ask(&seen, 0, 2..3), 1);
    }
}

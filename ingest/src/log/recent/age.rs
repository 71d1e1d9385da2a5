//! Time that passes, told by a clock that may be set.

/// A step back that is no setting of the clock: requests under way at once are written in
/// another order than they came in.
const JITTER_NS: i64 = 60_000_000_000;

/// Adds up the steps forward of a clock.
///
/// When the clock is set back, no time passes by that, and it goes on from there: nothing is
/// forgotten early, and nothing is remembered until the clock has caught up with a time that
/// may be years ahead. A clock set forward looks like time that passed.
#[derive(Debug, Default)]
pub(super) struct Age {
    last_ns: i64,
    passed_ns: u64,
}

impl Age {
    /// The clock shows `now_ns`; the nanoseconds that have passed.
    pub(super) fn observe(&mut self, now_ns: i64) -> u64 {
        let step = now_ns.saturating_sub(self.last_ns);
        if step > 0 {
            self.passed_ns = self.passed_ns.saturating_add(step as u64);
        }
        if !(-JITTER_NS..=0).contains(&step) {
            self.last_ns = now_ns;
        }
        self.passed_ns
    }

    /// The nanoseconds that had passed when the clock was looked at last.
    pub(super) fn passed(&self) -> u64 {
        self.passed_ns
    }

    /// What the clock would have shown `at`, had it never been set.
    pub(super) fn shown(&self, at: u64) -> i64 {
        self.last_ns.saturating_sub_unsigned(self.passed_ns - at)
    }
}

#[cfg(test)]
mod tests {
    use super::Age;

    const S: i64 = 1_000_000_000;

    #[test]
    fn a_clock_set_back_neither_stops_time_nor_jumps() {
        let mut age = Age::default();
        let begin = age.observe(1_000_000 * S);
        assert_eq!(age.observe(1_000_010 * S) - begin, 10 * S as u64);
        // An hour back, and on from there.
        assert_eq!(age.observe(996_410 * S) - begin, 10 * S as u64);
        assert_eq!(age.observe(996_415 * S) - begin, 15 * S as u64);
        assert_eq!(age.shown(begin), 996_400 * S);
    }

    #[test]
    fn requests_out_of_order_do_not_make_time_run_faster() {
        let mut age = Age::default();
        let begin = age.observe(1_000 * S);
        for n in 0..100 {
            age.observe((1_000 - n % 2 * 5) * S);
            age.observe((1_001 - n % 3) * S);
        }
        assert_eq!(age.passed() - begin, S as u64);
    }
}

//! Whether a new version fails more often than the one before it.

use headroom_slo::gate::significant;

/// With fewer requests a version is not compared.
const LEAST: u64 = 50;
/// So many times more often it must fail at least.
const TIMES: f64 = 2.0;
/// The probability below which it is no chance.
const CHANCE: f64 = 1e-3;

/// The requests of a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Calls {
    /// All of them.
    pub calls: u64,
    /// Those that failed.
    pub errors: u64,
}

impl Calls {
    fn rate(self) -> f64 {
        self.errors as f64 / self.calls as f64
    }
}

/// In words how much more often the new version fails, if it does: at least twice as often, and so that a version which
/// fails as often as the old one would do so in less than one of a thousand cases. The old version's rate is taken as
/// (errors + 1) / (calls + 2) for that (Laplace's rule of succession): none of a hundred is not never.
pub fn fails_more(old: Calls, new: Calls) -> Option<String> {
    if old.calls < LEAST || new.calls < LEAST || new.rate() < TIMES * old.rate() {
        return None;
    }
    let expected = (old.errors + 1) as f64 / (old.calls + 2) as f64;
    significant(new.errors as f64, new.calls as f64, expected, CHANCE).then(|| {
        let percent = |calls: Calls| calls.rate() * 100.0;
        format!("{:.1} % of its requests fail, of the version before it {:.1} %", percent(new), percent(old))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_version_that_surely_fails_more_is_blamed() {
        let says = |old: (u64, u64), new: (u64, u64)| {
            let calls = |(calls, errors)| Calls { calls, errors };
            fails_more(calls(old), calls(new)).is_some()
        };
        for (old, new, blamed, why) in [
            ((1_000, 10), (1_000, 100), true, "ten times as often"),
            ((1_000, 0), (100, 20), true, "the old one never failed"),
            ((1_000, 100), (1_000, 150), false, "more often, not twice"),
            ((1_000, 10), (50, 2), false, "two of fifty may be chance"),
            ((100, 0), (100, 3), false, "three of a hundred after none of a hundred"),
            ((49, 0), (1_000, 900), false, "the old one is not known well enough"),
            ((1_000, 0), (49, 49), false, "nor is the new one"),
            ((1_000, 0), (1_000, 0), false, "neither fails"),
            ((0, 0), (0, 0), false, "neither ran"),
        ] {
            assert_eq!(says(old, new), blamed, "{why}");
        }
        let words = fails_more(Calls { calls: 1_000, errors: 10 }, Calls { calls: 200, errors: 50 });
        let expected = "25.0 % of its requests fail, of the version before it 1.0 %";
        assert_eq!(words.as_deref(), Some(expected));
    }
}

//! How long to wait before a body is tried again.

use std::time::Duration;

use rand::Rng;

const FIRST: Duration = Duration::from_millis(100);
const LONGEST: Duration = Duration::from_secs(5);

/// The pause after `attempts` attempts: what the receiver asked for and up to a tenth more, so that
/// not all come at once; or else exponential, with jitter from a half to the whole.
pub(super) fn pause(attempts: u32, asked: Option<Duration>, rng: &mut impl Rng) -> Duration {
    if let Some(asked) = asked {
        return asked.mul_f64(rng.random_range(1.0..1.1));
    }
    let doubled = FIRST.saturating_mul(1 << attempts.saturating_sub(1).min(10));
    doubled.min(LONGEST).mul_f64(rng.random_range(0.5..=1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_a_bound_and_the_receiver_decides() {
        let mut rng = rand::rng();
        for (attempts, most) in [(1, 100), (2, 200), (4, 800), (7, 5_000), (1_000, 5_000)] {
            let ms = pause(attempts, None, &mut rng).as_millis();
            assert!((most / 2..=most).contains(&ms), "{ms} ms after {attempts}");
        }
        let asked = pause(9, Some(Duration::from_secs(10)), &mut rng);
        assert!((Duration::from_secs(10)..Duration::from_secs(11)).contains(&asked));
    }
}

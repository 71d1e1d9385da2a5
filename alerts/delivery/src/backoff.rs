//! When to try again, and when to give up.

use chrono::{DateTime, TimeDelta, Utc};

/// The first pause.
const FIRST: f64 = 5.0;
/// The longest pause.
const LONGEST: f64 = 3_600.0;
/// The least pause after a receiver said that it is asked too much.
const THROTTLED: f64 = 60.0;
/// The longest a receiver may ask to wait.
const LONGEST_ASKED: i64 = 86_400;
/// Jitter: a pause is this share shorter or longer.
const JITTER: f64 = 0.2;

/// A delivery that has not arrived after this long is given up.
pub const GIVE_UP_AFTER: TimeDelta = TimeDelta::days(3);

/// The pause after the `attempts`th attempt (from 1): 5 s, doubled each time up to an hour,
/// 20 % shorter or longer by `chance` in [0, 1) so that receivers are not all
/// asked at once, and never shorter than what the receiver asked for.
pub fn pause(attempts: u32, throttled: bool, asked: Option<TimeDelta>, chance: f64) -> TimeDelta {
    let doubled = FIRST * 2_f64.powi(attempts.saturating_sub(1).min(16) as i32);
    let base = doubled.min(LONGEST).max(if throttled { THROTTLED } else { 0.0 });
    let seconds = base * (1.0 + JITTER * (2.0 * chance - 1.0));
    let own = TimeDelta::milliseconds((seconds * 1e3) as i64);
    own.max(asked.unwrap_or_default().min(TimeDelta::seconds(LONGEST_ASKED)))
}

/// A Retry-After header: seconds, or a date.
pub fn retry_after(header: &str, now: DateTime<Utc>) -> Option<TimeDelta> {
    let header = header.trim();
    if let Ok(seconds) = header.parse::<u32>() {
        return TimeDelta::try_seconds(i64::from(seconds));
    }
    let date = DateTime::parse_from_rfc2822(header).ok()?;
    Some((date.with_timezone(&Utc) - now).max(TimeDelta::zero()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_an_hour() {
        let middle: Vec<i64> = (1..=13).map(|n| pause(n, false, None, 0.5).num_seconds()).collect();
        assert_eq!(middle, [5, 10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600, 3600, 3600]);
        assert_eq!(pause(1, false, None, 0.0), TimeDelta::seconds(4));
        assert!(pause(u32::MAX, false, None, 0.999) <= TimeDelta::seconds(4320));
    }

    #[test]
    fn the_receiver_is_heard() {
        assert_eq!(pause(1, true, None, 0.5), TimeDelta::seconds(60));
        assert_eq!(pause(1, true, Some(TimeDelta::seconds(120)), 0.5), TimeDelta::seconds(120));
        assert_eq!(pause(1, true, Some(TimeDelta::days(30)), 0.5), TimeDelta::days(1));
        let now = DateTime::from_timestamp(1_445_412_420, 0).unwrap_or_default();
        assert_eq!(retry_after("120", now), Some(TimeDelta::seconds(120)));
        assert_eq!(retry_after("Wed, 21 Oct 2015 07:28:00 GMT", now), Some(TimeDelta::seconds(60)));
        assert_eq!(retry_after("Wed, 21 Oct 2015 07:20:00 GMT", now), Some(TimeDelta::zero()));
        assert_eq!(retry_after("soon", now), None);
    }
}

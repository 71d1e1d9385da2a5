//! Lengths of time as they are written: `500ms`, `30s`, `1m`.

use std::fmt;
use std::time::Duration;

use serde::Deserialize;

/// A length of time of at least a millisecond and at most a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
pub struct Length(Duration);

impl Length {
    /// So many seconds.
    pub(crate) const fn seconds(count: u64) -> Self {
        Self(Duration::from_secs(count))
    }

    /// As a duration.
    pub fn get(self) -> Duration {
        self.0
    }
}

impl TryFrom<String> for Length {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let wrong = || {
            format!(
                "{text:?} is not a length of time: write a whole number above 0 and ms, s, m or h, as in 30s; at most 24h"
            )
        };
        let split = text.find(|c: char| !c.is_ascii_digit()).ok_or_else(wrong)?;
        let (count, unit) = text.split_at(split);
        let unit_ms: u64 = match unit {
            "ms" => 1,
            "s" => 1_000,
            "m" => 60_000,
            "h" => 3_600_000,
            _ => return Err(wrong()),
        };
        let ms = count.parse::<u64>().ok().and_then(|count| count.checked_mul(unit_ms));
        ms.filter(|ms| (1..=86_400_000).contains(ms))
            .map(|ms| Self(Duration::from_millis(ms)))
            .ok_or_else(wrong)
    }
}

impl fmt::Display for Length {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ms = self.0.as_millis();
        let units: [(u128, &str); 3] = [(3_600_000, "h"), (60_000, "m"), (1_000, "s")];
        match units.into_iter().find(|(unit, _)| ms.is_multiple_of(*unit)) {
            Some((unit, name)) => write!(f, "{}{name}", ms / unit),
            None => write!(f, "{ms}ms"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_read_and_told_alike() {
        for text in ["1ms", "500ms", "30s", "1m", "24h", "90s"] {
            assert_eq!(Length::try_from(text.to_owned()).expect(text).to_string(), text);
        }
        for text in ["", "5", "s", "0s", "-1s", "1.5s", "25h", "1d", "1 s", "99999999999999999999ms", "5µ"] {
            assert!(Length::try_from(text.to_owned()).is_err(), "{text}");
        }
    }
}

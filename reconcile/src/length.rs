//! Lengths of time, read and shown.

use chrono::TimeDelta;

/// Reads `500ms`, `30s`, `5m`, `2h`, `1d` or `1w`; `0s` is none at all.
pub fn parse_length(text: &str) -> Option<TimeDelta> {
    match text.strip_suffix("ms") {
        Some(number) => {
            let number: i64 = number.parse().ok().filter(|number| *number >= 0)?;
            TimeDelta::try_milliseconds(number)
        }
        None => headroom_query::range::parse_length(text),
    }
}

/// Nanoseconds of a length; more than 292 years count as 292.
pub(crate) fn nanos(length: TimeDelta) -> i64 {
    length.num_nanoseconds().unwrap_or(i64::MAX)
}

/// `12 s`, `-0.5 s`, exact.
pub(crate) fn shown(nanos: i64) -> String {
    let sign = if nanos < 0 { "-" } else { "" };
    let size = nanos.unsigned_abs();
    let (seconds, rest) = (size / 1_000_000_000, size % 1_000_000_000);
    if rest == 0 {
        return format!("{sign}{seconds} s");
    }
    let rest = format!("{rest:09}");
    format!("{sign}{seconds}.{} s", rest.trim_end_matches('0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_read() {
        assert_eq!(parse_length("500ms"), Some(TimeDelta::milliseconds(500)));
        assert_eq!(parse_length("0s"), Some(TimeDelta::zero()));
        assert_eq!(parse_length("2m"), Some(TimeDelta::minutes(2)));
        for wrong in ["", "ms", "-1s", "-1ms", "1.5s", "5", "99999999999999999999ms"] {
            assert_eq!(parse_length(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn lengths_are_shown_exactly() {
        assert_eq!(shown(12_000_000_000), "12 s");
        assert_eq!(shown(-500_000_000), "-0.5 s");
        assert_eq!(shown(1), "0.000000001 s");
        assert_eq!(shown(i64::MIN), "-9223372036.854775808 s");
    }
}

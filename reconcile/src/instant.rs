//! Times as files write them.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime};

use crate::number::Number;

/// Nanoseconds since 1970 of `2026-11-20T09:30:00.5+01:00`, `2026-11-20 08:30:00` (UTC), a date, or a
/// number of seconds (with or without a fraction), milli-, micro- or nanoseconds, told apart by
/// their size: 11, 14 or 17 digits before the point are the most of the first three.
pub(crate) fn parse(text: &str) -> Option<i64> {
    let text = text.trim();
    if let Ok(instant) = DateTime::parse_from_rfc3339(text) {
        return instant.timestamp_nanos_opt();
    }
    if let Ok(local) = NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f")
        .or_else(|_| NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f"))
    {
        return local.and_utc().timestamp_nanos_opt();
    }
    if let Ok(date) = text.parse::<NaiveDate>() {
        return date.and_time(NaiveTime::MIN).and_utc().timestamp_nanos_opt();
    }
    let number = Number::parse(text).filter(|number| !number.is_negative())?.to_string();
    let (whole, fraction) = number.split_once('.').unwrap_or((&number, ""));
    let places = match whole.len() {
        0..=11 => 9,
        12..=14 => 6,
        15..=17 => 3,
        _ => 0,
    };
    // What is finer than a nanosecond is cut off.
    let fraction: String = fraction.chars().chain("000000000".chars()).take(places).collect();
    format!("{whole}{fraction}").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_forms_of_a_moment() {
        let moment = 1_795_169_400_500_000_000;
        for text in [
            "2026-11-20T10:10:00.5Z",
            "2026-11-20T11:10:00.500+01:00",
            "2026-11-20 10:10:00.5",
            "2026-11-20T10:10:00.5",
            "1795169400.5",
            "1795169400500",
            "1795169400500000",
            "1795169400500000000",
            " 1.7951694005e9 ",
        ] {
            assert_eq!(parse(text), Some(moment), "{text}");
        }
        assert_eq!(parse("1970-01-02"), Some(86_400_000_000_000));
        assert_eq!(parse("0"), Some(0));
        for wrong in ["", "now", "-5", "12:30", "20.11.2026", "99999999999999999999", "9999-01-01T00:00:00Z"]
        {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }
}

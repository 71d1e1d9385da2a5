//! Values: texts, durations, offsets, times (RFC 5545, 3.3).

use chrono::{DateTime, Datelike, Duration, NaiveDate, NaiveDateTime, NaiveTime, Utc};

/// A TEXT without its escapes.
pub(crate) fn text(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    let mut letters = value.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => match letters.next() {
                Some('n' | 'N') => out.push('\n'),
                Some(other) => out.push(other),
                None => out.push('\\'),
            },
            _ => out.push(letter),
        }
    }
    out
}

/// A list of TEXT: split at the commas that are not escaped.
pub(crate) fn texts(value: &str) -> Vec<String> {
    let (mut list, mut begin, mut escaped) = (Vec::new(), 0, false);
    for (at, letter) in value.char_indices() {
        if letter == ',' && !escaped {
            list.push(text(&value[begin..at]));
            begin = at + 1;
        }
        escaped = letter == '\\' && !escaped;
    }
    list.push(text(&value[begin..]));
    list.retain(|item| !item.is_empty());
    list
}

/// A TEXT with what must be escaped. Control characters, which no TEXT may hold, become spaces.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '\n' => out.push_str("\\n"),
            '\\' | ',' | ';' => out.extend(['\\', letter]),
            _ if letter.is_control() => out.push(' '),
            _ => out.push(letter),
        }
    }
    out
}

/// A DURATION such as `P1DT2H`, `-PT15M` or `P2W` (3.3.6), to at most a hundred years.
pub(crate) fn duration(value: &str) -> Option<Duration> {
    let (sign, rest) = match value.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, value.strip_prefix('+').unwrap_or(value)),
    };
    let (mut seconds, mut number, mut in_time, mut parts) = (0i64, String::new(), false, 0);
    for letter in rest.strip_prefix('P')?.chars() {
        let unit = match letter {
            '0'..='9' => {
                number.push(letter);
                continue;
            }
            'T' if !in_time && number.is_empty() => {
                in_time = true;
                continue;
            }
            'W' if !in_time => 7 * 86_400,
            'D' if !in_time => 86_400,
            'H' if in_time => 3600,
            'M' if in_time => 60,
            'S' if in_time => 1,
            _ => return None,
        };
        seconds = seconds.checked_add(number.parse::<i64>().ok()?.checked_mul(unit)?)?;
        number.clear();
        parts += 1;
    }
    let valid = number.is_empty() && parts > 0 && seconds <= 36_525 * 86_400;
    valid.then(|| Duration::seconds(sign * seconds))
}

/// A DURATION of whole seconds as it is written.
pub(crate) fn duration_text(length: Duration) -> String {
    format!("PT{}S", length.num_seconds())
}

/// Seconds of a UTC-OFFSET such as `-0500` or `+013045` (3.3.14).
pub(crate) fn offset(value: &str) -> Option<i32> {
    let (sign, digits) = match value.split_at_checked(1)? {
        ("+", digits) => (1, digits),
        ("-", digits) => (-1, digits),
        _ => return None,
    };
    if !matches!(digits.len(), 4 | 6) || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let two = |at: usize| digits.get(at..at + 2).map_or(Some(0), |d| d.parse::<i32>().ok());
    let (hours, minutes, seconds) = (two(0)?, two(2)?, two(4)?);
    (hours < 24 && minutes < 60 && seconds < 60).then(|| sign * (hours * 3600 + minutes * 60 + seconds))
}

/// A time as it is written: a date, a wall-clock time, or an instant in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum When {
    Date(NaiveDate),
    Local(NaiveDateTime),
    Utc(DateTime<Utc>),
}

impl When {
    /// Midnight of a date, or the wall-clock time as it stands; none for an instant.
    pub(crate) fn local(self) -> Option<NaiveDateTime> {
        match self {
            Self::Date(date) => Some(date.and_time(NaiveTime::MIN)),
            Self::Local(local) => Some(local),
            Self::Utc(_) => None,
        }
    }
}

/// A DATE or DATE-TIME (3.3.4 and 3.3.5) of a year that a calendar may speak of.
pub(crate) fn when(value: &str) -> Option<When> {
    let value = value.trim();
    let date_time = |text: &str| {
        NaiveDateTime::parse_from_str(text, "%Y%m%dT%H%M%S")
            .ok()
            .filter(|_| text.len() == "19970714T133000".len())
    };
    let found = if let Some(utc) = value.strip_suffix('Z').and_then(date_time) {
        When::Utc(utc.and_utc())
    } else if let Some(local) = date_time(value) {
        When::Local(local)
    } else if value.len() == "19970714".len() {
        When::Date(NaiveDate::parse_from_str(value, "%Y%m%d").ok()?)
    } else {
        return None;
    };
    let year = match found {
        When::Date(date) => date.year(),
        When::Local(local) => local.year(),
        When::Utc(at) => at.year(),
    };
    (1600..2200).contains(&year).then_some(found)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// Examples of RFC 5545, 3.3.6, 3.3.11 and 3.3.14.
    #[test]
    fn values_of_the_rfc() {
        assert_eq!(duration("P15DT5H0M20S"), Some(Duration::seconds(15 * 86_400 + 5 * 3600 + 20)));
        assert_eq!(duration("P7W"), Some(Duration::weeks(7)));
        assert_eq!(duration("-PT30M"), Some(Duration::minutes(-30)));
        assert_eq!(offset("-0500"), Some(-18_000));
        assert_eq!(offset("+0100"), Some(3600));
        let words = "Project XYZ Final Review\\nConference Room - 3B\\nCome Prepared.";
        assert_eq!(text(words), "Project XYZ Final Review\nConference Room - 3B\nCome Prepared.");
    }

    #[test]
    fn what_is_no_value_is_none() {
        for bad in ["", "P", "PT", "1H", "P1H", "PT1D", "PT99999999999999999999S", "P999999999W", "PTT1S"] {
            assert_eq!(duration(bad), None, "{bad}");
        }
        for bad in ["", "0500", "+05", "+2400", "+05é", "+0a00"] {
            assert_eq!(offset(bad), None, "{bad}");
        }
        for bad in ["", "2026", "20261301", "20260101T", "20260101T250000", "2026-01-01", "99990101"] {
            assert_eq!(when(bad), None, "{bad}");
        }
    }

    proptest::proptest! {
        #[test]
        fn an_escaped_text_comes_back(items in proptest::collection::vec("[^\\p{Cc}]{1,12}|a\\nb", 1..4)) {
            let written = items.iter().map(|item| escape(item)).collect::<Vec<_>>().join(",");
            proptest::prop_assert_eq!(texts(&written), items);
        }
    }
}

//! The values of cells: numbers, instants and tags, read leniently where exporters differ and the meaning is plain.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use rust_decimal::Decimal;

use crate::money::exact::{LARGEST, divide, power_of_ten};

/// Digits that are read of a number; no exporter writes as many.
const DIGITS: usize = 64;

/// How a number is held: decimals, and the whole digits that are allowed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Held {
    decimals: u32,
    whole: u32,
}

/// An amount of money: 15 decimals, below 10^12.
pub(super) const AMOUNT: Held = Held { decimals: 15, whole: 12 };

/// A quantity, bytes among them: 6 decimals, below 10^21.
pub(super) const QUANTITY: Held = Held { decimals: 6, whole: 21 };

/// A decimal such as `-12.5`, or `1.25E-05` as some exporters write it although FOCUS has no exponents.
pub(super) fn number(text: &str, held: Held) -> Result<Decimal, String> {
    let wrong =
        || format!("`{}` is not a decimal; write digits with a point, without commas or units", brief(text));
    let (mantissa, exponent) = match text.find(['e', 'E']) {
        Some(at) => (&text[..at], exponent(&text[at + 1..]).ok_or_else(wrong)?),
        None => (text, 0),
    };
    let (negative, mantissa) = match mantissa.as_bytes().first() {
        Some(b'-') => (true, &mantissa[1..]),
        Some(b'+') => (false, &mantissa[1..]),
        _ => (false, mantissa),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = || whole.bytes().chain(fraction.bytes());
    let count = whole.len() + fraction.len();
    if count == 0 || count > DIGITS || !digits().all(|digit| digit.is_ascii_digit()) {
        return Err(wrong());
    }
    // The value is its digits times ten to the power of `shift`, in units of the last decimal held.
    let shift = exponent - fraction.len() as i64 + i64::from(held.decimals);
    let large = || format!("`{}` is larger than 10^{}, which no bill holds", brief(text), held.whole);
    let bound = power_of_ten(held.whole + held.decimals).unwrap_or(LARGEST).min(LARGEST);
    let dropped = usize::try_from(-shift).unwrap_or(0).min(count);
    let mut units: i128 = 0;
    for digit in digits().take(count - dropped) {
        units = units * 10 + i128::from(digit - b'0');
        if units > bound {
            return Err(large());
        }
    }
    for _ in 0..if units == 0 { 0 } else { shift.max(0) } {
        units *= 10;
        if units > bound {
            return Err(large());
        }
    }
    if dropped > 0 && usize::try_from(-shift) == Ok(dropped) {
        units += half_even(digits().skip(count - dropped), units);
    }
    let signed = if negative { -units } else { units };
    let decimal = Decimal::try_from_i128_with_scale(signed, held.decimals).map_err(|_| large())?;
    Ok(decimal.normalize())
}

/// Whether dropped digits round the units before them up: 1 if so, else 0.
fn half_even(mut dropped: impl Iterator<Item = u8>, units: i128) -> i128 {
    let first = dropped.next().unwrap_or(b'0') - b'0';
    let more = dropped.any(|digit| digit != b'0');
    // In twentieths: above the half if more follows the five.
    divide(units * 20 + i128::from(first) * 2 + i128::from(more), 20) - units
}

fn exponent(text: &str) -> Option<i64> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let size = digits.parse::<i64>().unwrap_or(10_000).min(10_000);
    Some(if text.starts_with('-') { -size } else { size })
}

/// An instant in UTC. FOCUS writes `2026-02-01T00:00:00Z`; exporters leave the seconds out, write fractions, a blank
/// for the `T`, ` UTC` for the `Z`, or only the day. What lies below a second is dropped.
pub(super) fn instant(text: &str) -> Result<DateTime<Utc>, String> {
    let plain = text.strip_suffix(" UTC").or_else(|| text.strip_suffix('Z')).unwrap_or(text);
    let naive = ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"]
        .iter()
        .find_map(|format| NaiveDateTime::parse_from_str(plain, format).ok());
    let day = || NaiveDate::parse_from_str(plain, "%Y-%m-%d").ok().map(|day| day.and_time(NaiveTime::MIN));
    let offset = || DateTime::parse_from_rfc3339(text).ok().map(|at| at.to_utc());
    let at = naive.or_else(day).map(|at| at.and_utc()).or_else(offset).ok_or_else(|| {
        format!("`{}` is not an instant; write it in UTC like 2026-02-01T00:00:00Z", brief(text))
    })?;
    // Years that a slip of the keys makes would turn into endless lists of periods.
    let years = NaiveDate::from_ymd_opt(1990, 1, 1).zip(NaiveDate::from_ymd_opt(2200, 1, 1));
    match years.filter(|(first, last)| (*first..*last).contains(&at.date_naive())) {
        Some(_) => Ok(DateTime::from_timestamp(at.timestamp(), 0).unwrap_or(at)),
        None => Err(format!("`{}` does not lie between the years 1990 and 2200", brief(text))),
    }
}

/// Tags: a JSON object with texts, numbers, booleans and nulls as values. Nulls are left out.
pub(super) fn tags(text: &str) -> Result<BTreeMap<String, String>, String> {
    let object: BTreeMap<String, serde_json::Value> = serde_json::from_str(text)
        .map_err(|error| format!("`{}` is not a JSON object of tags: {error}", brief(text)))?;
    object
        .into_iter()
        .filter_map(|(key, value)| match value {
            serde_json::Value::Null => None,
            serde_json::Value::String(text) => Some(Ok((key, text))),
            serde_json::Value::Bool(_) | serde_json::Value::Number(_) => Some(Ok((key, value.to_string()))),
            _ => Some(Err(format!(
                "the tag `{}` is a list or an object; FOCUS tags are single values",
                brief(&key)
            ))),
        })
        .collect()
}

/// A currency's code: three letters.
pub(super) fn currency(text: &str) -> Result<String, String> {
    if text.len() == 3 && text.bytes().all(|letter| letter.is_ascii_alphabetic()) {
        return Ok(text.to_ascii_uppercase());
    }
    Err(format!("`{}` is not a currency; write its ISO 4217 code, such as USD", brief(text)))
}

/// A text from a file as far as an error message shows it.
pub(super) fn brief(text: &str) -> String {
    match text.char_indices().nth(60) {
        Some((at, _)) => format!("{}...", &text[..at]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn amount(text: &str) -> String {
        number(text, AMOUNT).map_or_else(|problem| problem, |decimal| decimal.to_string())
    }

    #[test]
    fn decimals_and_exponents_are_read_exactly() {
        let read =
            ["0", "-12.50", "+3", ".5", "5.", "1.25E-05", "1e3", "-2.5e+2", "0E+9999", "1E-9999"].map(amount);
        assert_eq!(read, ["0", "-12.5", "3", "0.5", "5", "0.0000125", "1000", "-250", "0", "0"]);
        // As a double is written: 17 digits, of which the sixteenth decimal rounds.
        assert_eq!(amount("1.0416666666666667E-4"), "0.000104166666667");
        let halves =
            ["0.0000000000000005", "0.00000000000000051", "0.0000000000000015", "-0.0000000000000025"];
        assert_eq!(halves.map(amount), ["0", "0.000000000000001", "0.000000000000002", "-0.000000000000002"]);
        assert_eq!(amount("999999999999.999999999999999"), "999999999999.999999999999999");
        assert_eq!(number("1099511627776000000", QUANTITY).unwrap().to_string(), "1099511627776000000");
    }

    #[test]
    fn what_is_no_decimal_is_named() {
        insta::assert_snapshot!(amount("1,234.5"), @"`1,234.5` is not a decimal; write digits with a point, without commas or units");
        insta::assert_snapshot!(amount("1e12345678901234567890"), @"`1e12345678901234567890` is larger than 10^12, which no bill holds");
        for text in ["", ".", "-", "e5", "1e", "1e1.5", "NaN", "inf", "--1", "1-", "0x1", "1 2", "٣"] {
            assert!(amount(text).contains("is not a decimal"), "{text}: {}", amount(text));
        }
    }

    #[test]
    fn instants_are_read_as_exporters_write_them() {
        let same = [
            "2026-02-01T00:00:00Z",
            "2026-02-01T00:00:00.000Z",
            "2026-02-01T00:00Z",
            "2026-02-01 00:00:00",
            "2026-02-01 00:00:00 UTC",
            "2026-02-01",
            "2026-02-01T05:30:00+05:30",
        ];
        for text in same {
            assert_eq!(instant(text).unwrap().to_rfc3339(), "2026-02-01T00:00:00+00:00", "{text}");
        }
        insta::assert_snapshot!(instant("01/02/2026").unwrap_err(), @"`01/02/2026` is not an instant; write it in UTC like 2026-02-01T00:00:00Z");
        insta::assert_snapshot!(instant("0026-02-01").unwrap_err(), @"`0026-02-01` does not lie between the years 1990 and 2200");
    }

    #[test]
    fn tags_are_single_values() {
        let read = tags(r#"{"service":"gateway","cost":1.50,"spot":true,"team":null}"#).unwrap();
        let read: Vec<_> = read.iter().map(|(key, value)| format!("{key}={value}")).collect();
        assert_eq!(read, ["cost=1.50", "service=gateway", "spot=true"]);
        insta::assert_snapshot!(tags(r#"{"a":[1]}"#).unwrap_err(), @"the tag `a` is a list or an object; FOCUS tags are single values");
        assert!(tags("service=gateway").unwrap_err().starts_with("`service=gateway` is not a JSON object"));
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "\\PC*") {
            let _ = (number(&text, AMOUNT), number(&text, QUANTITY), instant(&text), tags(&text), currency(&text));
        }

        #[test]
        fn numbers_are_those_of_the_decimal_type(units in -1_000_000_000_000_000_i64..1_000_000_000_000_000, scale in 0_u32..15) {
            let decimal = Decimal::new(units, scale);
            if decimal.abs() < Decimal::from(1_000_000_000_000_u64) {
                prop_assert_eq!(number(&decimal.to_string(), AMOUNT).unwrap(), decimal);
                prop_assert_eq!(number(&format!("{decimal:e}"), AMOUNT).unwrap(), decimal);
            }
        }
    }
}

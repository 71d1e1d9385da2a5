//! Decimal numbers in text, read exactly or not at all.

use rust_decimal::Decimal;

/// Digits that both the store's `Decimal(38, 12)` and a [`Decimal`] hold without rounding.
const DIGITS: i128 = 10_i128.pow(28);
/// Places after the point in the store.
const PLACES: i64 = 12;
/// Digits before the point in the store.
const WHOLE: u32 = 26;

/// The number `text`, when it has at most 28 digits, 12 of them after the point and 26 before.
///
/// Takes what the ingester takes, but no spaces: a sign, digits, one point, an exponent.
pub(crate) fn parse(text: &str) -> Option<Decimal> {
    let (mantissa, exponent) = match text.find(['e', 'E']) {
        Some(at) => (&text[..at], text[at + 1..].parse::<i32>().ok()?),
        None => (text, 0),
    };
    let (negative, mantissa) = match mantissa.as_bytes().first()? {
        b'-' => (true, &mantissa[1..]),
        b'+' => (false, &mantissa[1..]),
        _ => (false, mantissa),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if !all_digits(whole) || !all_digits(fraction) {
        return None;
    }
    // Zeros at the end of the fraction say nothing, however many there are.
    let fraction = fraction.trim_end_matches('0');
    let mut units = 0_i128;
    for digit in whole.bytes().chain(fraction.bytes()) {
        units = units * 10 + i128::from(digit - b'0');
        if units >= DIGITS {
            return None;
        }
    }
    if units == 0 {
        return Some(Decimal::ZERO);
    }
    // The number is units / 10^places.
    let mut places = fraction.len() as i64 - i64::from(exponent);
    while places > PLACES && units % 10 == 0 {
        units /= 10;
        places -= 1;
    }
    while places < 0 && units < DIGITS {
        units *= 10;
        places += 1;
    }
    let places = u32::try_from(places).ok().filter(|places| i64::from(*places) <= PLACES)?;
    if units >= DIGITS || units >= 10_i128.pow(WHOLE + places) {
        return None;
    }
    Decimal::try_from_i128_with_scale(if negative { -units } else { units }, places).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn reads_exactly_or_not_at_all() {
        for (text, expected) in [
            ("1", Some("1")),
            ("-12.50", Some("-12.5")),
            ("+7", Some("7")),
            (".5", Some("0.5")),
            ("5.", Some("5")),
            ("1e3", Some("1000")),
            ("25E-1", Some("2.5")),
            ("0.000000000001", Some("0.000000000001")),
            ("0.0000000000010", Some("0.000000000001")),
            ("0.0000000000001", None),
            ("1.00000000000000000000000000000000000000000", Some("1")),
            ("00000000000000000000000000000000000000000001", Some("1")),
            ("99999999999999999999999999", Some("99999999999999999999999999")),
            ("99999999999999999999999999.99", Some("99999999999999999999999999.99")),
            ("99999999999999999999999999.999", None),
            ("100000000000000000000000000", None),
            ("1e25", Some("10000000000000000000000000")),
            ("1e26", None),
            ("0e999999", Some("0")),
            ("1e-12", Some("0.000000000001")),
            ("1e-13", None),
            ("1e2147483647", None),
            ("1e-2147483648", None),
            ("", None),
            (".", None),
            ("-", None),
            ("e5", None),
            ("--1", None),
            ("1e", None),
            ("1,5", None),
            ("1_000", None),
            ("1.2.3", None),
            (" 7", None),
            ("NaN", None),
            ("Infinity", None),
            ("0x10", None),
        ] {
            let expected = expected.map(|number| number.parse::<Decimal>().unwrap());
            assert_eq!(parse(text), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn agrees_with_rust_decimal(units in any::<i64>(), scale in 0_u32..=12) {
            let number = Decimal::from_i128_with_scale(i128::from(units), scale);
            prop_assert_eq!(parse(&number.to_string()), Some(number));
            prop_assert_eq!(parse(&format!("{units}e-{scale}")), Some(number));
        }

        #[test]
        fn never_panics(text in ".*", digits in "[+-]?[0-9.eE+-]{0,60}") {
            let _ = (parse(&text), parse(&digits));
        }
    }
}

//! Decimal numbers, read exactly: `Decimal(38, 12)` or nothing.

/// Decimal places kept.
pub const SCALE: u32 = 12;

/// The first number `Decimal(38, 12)` cannot hold.
const LIMIT: i128 = 10_i128.pow(38);

/// The number `text` times 10^12, if it has at most 38 digits then and loses none.
///
/// Takes a sign, digits, one point and an exponent: `-12.50`, `.5`, `1e3`.
pub fn parse(text: &[u8]) -> Option<i128> {
    let text = text.trim_ascii();
    let (negative, text) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] | rest => (false, rest),
    };
    let (mantissa, exponent) = match text.iter().position(|b| matches!(b, b'e' | b'E')) {
        Some(at) => {
            let exponent = std::str::from_utf8(&text[at + 1..]).ok()?.parse::<i32>().ok()?;
            (&text[..at], exponent)
        }
        None => (text, 0),
    };
    let (whole, fraction) = match mantissa.iter().position(|b| *b == b'.') {
        Some(at) => (&mantissa[..at], &mantissa[at + 1..]),
        None => (mantissa, &b""[..]),
    };
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let mut units = 0_i128;
    for digit in whole.iter().chain(fraction) {
        if !digit.is_ascii_digit() {
            return None;
        }
        units = units.checked_mul(10)?.checked_add(i128::from(digit - b'0'))?;
    }
    // units * 10^(exponent - fraction digits) is the number.
    let shift = i64::from(exponent) - fraction.len() as i64 + i64::from(SCALE);
    units = shifted(units, shift)?;
    (units < LIMIT).then_some(if negative { -units } else { units })
}

/// `units * 10^shift`, if that is a whole number that fits.
fn shifted(mut units: i128, shift: i64) -> Option<i128> {
    if units == 0 {
        return Some(0);
    }
    for _ in 0..shift.clamp(0, 39) {
        units = units.checked_mul(10)?;
    }
    for _ in 0..shift.clamp(-60, 0).unsigned_abs() {
        if units % 10 != 0 {
            return None;
        }
        units /= 10;
    }
    Some(units)
}

#[cfg(test)]
mod tests {
    use super::parse;
    use proptest::prelude::*;

    #[test]
    fn reads_exactly_or_not_at_all() {
        let one = 1_000_000_000_000;
        for (text, expected) in [
            ("1", Some(one)),
            ("-12.50", Some(-12_500_000_000_000)),
            (".5", Some(one / 2)),
            ("5.", Some(5 * one)),
            ("1e3", Some(1000 * one)),
            ("25E-1", Some(2_500_000_000_000)),
            (" 7 ", Some(7 * one)),
            ("0.000000000001", Some(1)),
            ("0.0000000000010", Some(1)),
            ("0.0000000000001", None),
            ("99999999999999999999999999.999999999999", Some(10_i128.pow(38) - 1)),
            ("100000000000000000000000000", None),
            ("0e999999", Some(0)),
            ("1e99", None),
            ("1e-99", None),
            ("", None),
            (".", None),
            ("-", None),
            ("1,5", None),
            ("NaN", None),
            ("Infinity", None),
            ("0x10", None),
            ("1 000", None),
        ] {
            assert_eq!(parse(text.as_bytes()), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn agrees_with_rust_decimal(units in -9_223_372_036_854_775_807_i128..9_223_372_036_854_775_807_i128, scale in 0_u32..12) {
            let decimal = rust_decimal::Decimal::from_i128_with_scale(units, scale);
            prop_assert_eq!(parse(decimal.to_string().as_bytes()), Some(units * 10_i128.pow(12 - scale)));
        }

        #[test]
        fn never_panics(text: Vec<u8>) {
            let _ = parse(&text);
        }
    }
}

//! Decimal numbers, exact or not at all.
//!
//! The store's `Decimal(38, 12)` and tokens with 18 places go beyond the 28 digits at which
//! `rust_decimal` begins to round, and a difference that was rounded away is a difference that
//! nobody sees. So: 38 digits in 128 bits, and arithmetic that gives up before it rounds.

use std::fmt;

/// Digits after the point that are held.
const PLACES: i64 = 64;

/// `units / 10^places`, without zeros at the end of the fraction: equal numbers are equal values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Number {
    units: i128,
    places: u32,
}

impl Number {
    /// Reads `12`, `-0.50`, `+1e-8` or `.5`, with spaces around it. `None` when it is no decimal
    /// number, or one of more than 38 digits.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (mantissa, exponent) = match text.find(['e', 'E']) {
            Some(at) => (&text[..at], text[at + 1..].parse::<i32>().ok()?),
            None => (text, 0),
        };
        let unsigned = mantissa.strip_prefix(['-', '+']).unwrap_or(mantissa);
        let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
        if whole.is_empty() && fraction.is_empty() {
            return None;
        }
        let fraction = fraction.trim_end_matches('0');
        let mut units = 0_i128;
        for digit in whole.bytes().chain(fraction.bytes()) {
            let digit = digit.is_ascii_digit().then(|| digit - b'0')?;
            units = units.checked_mul(10)?.checked_add(i128::from(digit))?;
        }
        if units == 0 {
            return Some(Self { units: 0, places: 0 });
        }
        let mut places = i64::try_from(fraction.len()).ok()? - i64::from(exponent);
        while places > 0 && units % 10 == 0 {
            units /= 10;
            places -= 1;
        }
        while places < 0 {
            units = units.checked_mul(10)?;
            places += 1;
        }
        let places = u32::try_from(places).ok().filter(|places| i64::from(*places) <= PLACES)?;
        Some(Self { units: if mantissa.starts_with('-') { -units } else { units }, places })
    }

    /// `self - other`; `None` when it does not fit.
    pub fn minus(self, other: Self) -> Option<Self> {
        let places = self.places.max(other.places);
        let units = self.at(places)?.checked_sub(other.at(places)?)?;
        let mut difference = Self { units, places };
        while difference.places > 0 && difference.units % 10 == 0 {
            difference.units /= 10;
            difference.places -= 1;
        }
        Some(difference)
    }

    /// Whether the size of `self`, without its sign, is at most `limit`. `false` when that cannot be
    /// told within 38 digits.
    pub fn within(self, limit: Self) -> bool {
        let places = self.places.max(limit.places);
        match (self.at(places), limit.at(places)) {
            (Some(size), Some(limit)) => i128::try_from(size.unsigned_abs()).is_ok_and(|size| size <= limit),
            _ => false,
        }
    }

    /// Whether it is below zero.
    pub fn is_negative(self) -> bool {
        self.units < 0
    }

    /// The units at a finer place.
    fn at(self, places: u32) -> Option<i128> {
        self.units.checked_mul(10_i128.checked_pow(places - self.places)?)
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let places = self.places as usize;
        let digits = format!("{:0width$}", self.units.unsigned_abs(), width = places + 1);
        let (whole, fraction) = digits.split_at(digits.len() - places);
        let sign = if self.is_negative() { "-" } else { "" };
        write!(f, "{sign}{whole}")?;
        if fraction.is_empty() { Ok(()) } else { write!(f, ".{fraction}") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn number(text: &str) -> Number {
        Number::parse(text).unwrap()
    }

    #[test]
    fn scale_does_not_matter() {
        for same in [
            "10",
            "10.0",
            "10.00000000000000000000000000000000000000000000",
            "1e1",
            "+10",
            "010",
            " 10 ",
            "100e-1",
        ] {
            assert_eq!(number(same), number("10"), "{same}");
        }
        assert_eq!(number("-0.00"), number("0e99999"));
        assert_ne!(number("1"), number("-1"));
        assert_ne!(number("0.1"), number("0.10000000000000000000000000000000001"));
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for wrong in
            ["", ".", "-", "e5", "1e", "1,000", "0x1", "NaN", "inf", "1 0", "--1", "1e-99", "1e40", "٣"]
        {
            assert_eq!(Number::parse(wrong), None, "{wrong}");
        }
        assert_eq!(number("170141183460469231731687303715884105727").units, i128::MAX);
        assert_eq!(Number::parse("170141183460469231731687303715884105728"), None);
    }

    #[test]
    fn differences_are_exact() {
        let difference = |left: &str, right: &str| number(left).minus(number(right)).unwrap().to_string();
        assert_eq!(difference("0.3", "0.1"), "0.2");
        assert_eq!(difference("10.005", "10.0050"), "0");
        assert_eq!(difference("-1", "0.5"), "-1.5");
        assert_eq!(
            difference("79228162514264337593543950335", "0.00000001"),
            "79228162514264337593543950334.99999999"
        );
        assert_eq!(number("170141183460469231731687303715884105727").minus(number("0.1")), None);
    }

    #[test]
    fn a_tolerance_includes_its_edge() {
        assert!(number("-0.01").within(number("0.010")));
        assert!(!number("0.0100000001").within(number("0.01")));
        assert!(!number("0.01").within(number("-1")));
        assert!(!number("170141183460469231731687303715884105727").within(number("0.1")));
    }

    proptest! {
        #[test]
        fn numbers_are_shown_as_they_are_read(units in -10_i64.pow(15)..10_i64.pow(15), places in 0_u32..20) {
            let number = number(&format!("{units}e-{places}"));
            prop_assert_eq!(Number::parse(&number.to_string()), Some(number));
        }

        #[test]
        fn reading_never_panics(text in "[-+0-9.eE]{0,50}|\\PC{0,10}") {
            let _ = Number::parse(&text);
        }

        #[test]
        fn minus_agrees_with_integers(left in -10_i64.pow(12)..10_i64.pow(12), right in -10_i64.pow(12)..10_i64.pow(12)) {
            let difference = number(&format!("{left}e-4")).minus(number(&format!("{right}e-4")));
            prop_assert_eq!(difference, Number::parse(&format!("{}e-4", left - right)));
        }
    }
}

//! Amounts as whole numbers of 10^-15, so that a sum is exact whatever its order and however time is cut.
//!
//! A [`Decimal`] of 96 bits rounds silently when a sum needs more digits; whole numbers in an `i128` do not. What a
//! `Decimal` can hold at 15 decimals, ±7.9 · 10^13, is the largest amount there is here.

use rust_decimal::Decimal;

/// Decimals that an amount is held to. Further ones are rounded half to even, once, when the amount comes in.
pub const DECIMALS: u32 = 15;

/// The largest mantissa of a [`Decimal`].
pub(super) const LARGEST: i128 = (1 << 96) - 1;

/// The units of a decimal, or `None` if it is larger than can be held.
pub(super) fn units(value: Decimal) -> Option<i128> {
    let scale = value.scale();
    let units = if scale > DECIMALS {
        divide(value.mantissa(), power_of_ten(scale - DECIMALS)?)
    } else {
        value.mantissa().checked_mul(power_of_ten(DECIMALS - scale)?)?
    };
    held(units)
}

/// The decimal of units that lie within [`LARGEST`]; larger ones become the largest, which callers rule out first.
pub(super) fn decimal(units: i128) -> Decimal {
    Decimal::try_from_i128_with_scale(units.clamp(-LARGEST, LARGEST), DECIMALS)
        .unwrap_or_default()
        .normalize()
}

/// The units themselves if a [`Decimal`] can hold them.
pub(super) fn held(units: i128) -> Option<i128> {
    (units.unsigned_abs() <= LARGEST.unsigned_abs()).then_some(units)
}

/// A quotient rounded half to even. The divisor is above 0.
pub(super) fn divide(dividend: i128, divisor: i128) -> i128 {
    let (floor, rest) = (dividend.div_euclid(divisor), dividend.rem_euclid(divisor));
    match rest.cmp(&(divisor - rest)) {
        std::cmp::Ordering::Less => floor,
        std::cmp::Ordering::Greater => floor + 1,
        std::cmp::Ordering::Equal => floor + floor.rem_euclid(2),
    }
}

/// A product of two decimals in units, rounded half to even, or `None` if it is larger than can be held.
pub(super) fn product(left: Decimal, right: Decimal) -> Option<i128> {
    let scale = left.scale() + right.scale();
    match left.mantissa().checked_mul(right.mantissa()) {
        Some(mantissa) if scale > DECIMALS => held(divide(mantissa, power_of_ten(scale - DECIMALS)?)),
        Some(mantissa) => held(mantissa.checked_mul(power_of_ten(DECIMALS - scale)?)?),
        // Too many digits for 128 bits: Decimal keeps the 28 that count, which is more than 15 decimals need.
        None => units(left.checked_mul(right)?),
    }
}

/// What of an amount that accrues evenly from `start` to `end` falls before `at` (all in seconds).
///
/// Rounded once, at the cut: the part between two cuts is the difference of what lies before them, so the parts of
/// any set of cuts add up to the amount. An amount without length falls on its start.
pub(super) fn before(units: i128, start: i64, end: i64, at: i64) -> i128 {
    if at <= start {
        0
    } else if at >= end {
        units
    } else {
        let (part, whole) = (i128::from(at) - i128::from(start), i128::from(end) - i128::from(start));
        // 96 bits of amount and 28 of seconds (ten years) fit in 127.
        units.checked_mul(part).map_or(units, |scaled| divide(scaled, whole))
    }
}

/// What `part` of `whole` takes of an amount, cut off towards nought. `0 <= part <= whole` and `whole > 0`.
///
/// The product would need 192 bits, so it is built up bit by bit with the remainder beside it.
pub(super) fn share(units: i128, part: i128, whole: i128) -> i128 {
    let (step, over) = (units.abs() / whole, units.abs() % whole);
    let (mut quotient, mut rest) = (0_i128, 0_i128);
    for bit in (0..128 - part.leading_zeros()).rev() {
        (quotient, rest) = (quotient * 2, rest * 2);
        if part >> bit & 1 == 1 {
            (quotient, rest) = (quotient + step, rest + over);
        }
        quotient += rest / whole;
        rest %= whole;
    }
    quotient * units.signum()
}

/// 10 to a power that fits.
pub(super) fn power_of_ten(power: u32) -> Option<i128> {
    10_i128.checked_pow(power)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn halves_go_to_the_even_neighbour() {
        let quotients = [(5, 2), (7, 2), (-5, 2), (-7, 2), (1, 3), (2, 3), (-1, 3), (-2, 3)];
        assert_eq!(quotients.map(|(n, d)| divide(n, d)), [2, 4, -2, -4, 0, 1, 0, -1]);
    }

    #[test]
    fn a_decimal_comes_back_up_to_its_fifteenth_place() {
        let text = |value: &str| units(value.parse().unwrap()).map(|units| decimal(units).to_string());
        assert_eq!(text("12.30").unwrap(), "12.3");
        assert_eq!(text("-0.0000000000000005").unwrap(), "0", "half, to even");
        assert_eq!(text("0.0000000000000015").unwrap(), "0.000000000000002");
        assert_eq!(text("79228162514264.337593543950335").unwrap(), "79228162514264.337593543950335");
        assert_eq!(text("79228162514265"), None);
    }

    #[test]
    fn products_are_exact_or_refused() {
        let times = |l: &str, r: &str| product(l.parse().unwrap(), r.parse().unwrap()).map(decimal);
        assert_eq!(times("720", "0.096").unwrap().to_string(), "69.12");
        assert_eq!(times("0.00000001", "0.00000001").unwrap().to_string(), "0");
        let long = "0.1234567890123456789012345678";
        assert_eq!(times(long, long).unwrap().to_string(), "0.015241578753239");
        assert_eq!(times("79228162514264", "2"), None);
    }

    proptest! {
        #[test]
        fn shares_are_the_cut_off_product(
            units in -1_000_000_000_000_i128..1_000_000_000_000, part in 0_i128..1_000_000, more in 1_i128..1_000_000,
        ) {
            prop_assert_eq!(share(units, part, part + more), units * part / (part + more));
            prop_assert_eq!(share(LARGEST, LARGEST - more, LARGEST), LARGEST - more);
        }

        #[test]
        fn parts_add_up_whatever_the_cuts(
            amount in -LARGEST..=LARGEST, start in 0_i64..1_000_000, length in 0_i64..316_000_000,
            mut cuts in proptest::collection::vec(-100_i64..320_000_000, 0..20),
        ) {
            cuts.sort_unstable();
            let end = start + length;
            let mut last = 0;
            let mut sum = 0;
            for at in cuts.into_iter().chain([end + 1]) {
                let now = before(amount, start, end, at);
                sum += now - last;
                last = now;
            }
            prop_assert_eq!(sum, amount);
        }
    }
}

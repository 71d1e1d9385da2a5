//! Decimals that lose nothing unseen.
//!
//! A [`Decimal`] has 28 digits, and its own operations round silently where these do not suffice. Here a
//! sum is exact or not made at all, and what has to be rounded (a product of pieces and price, a part of a
//! lot's cost) is rounded to one stated place, once, so that every side of a booking gets the same number.

use rust_decimal::Decimal;

/// Decimals that money is kept to; as many as the store keeps.
pub const PLACES: u32 = 12;

/// Why a figure is missing that an operation here refused.
pub(super) const TOO_LARGE: &str = "the figures are larger than 28 digits can hold";

/// The sum, when 28 digits hold all of it.
pub(super) fn add(a: Decimal, b: Decimal) -> Option<Decimal> {
    let (a, b) = (a.normalize(), b.normalize());
    let sum = a.checked_add(b)?;
    // Digits are only ever dropped by lowering the scale.
    (sum.is_zero() || sum.scale() >= a.scale().max(b.scale())).then(|| sum.normalize())
}

/// Adds to a running figure.
pub(super) fn add_to(figure: &mut Decimal, amount: Decimal) -> Result<(), String> {
    *figure = add(*figure, amount).ok_or(TOO_LARGE)?;
    Ok(())
}

/// Pieces at a price, or money at an exchange rate.
pub(super) fn times(a: Decimal, b: Decimal) -> Option<Decimal> {
    a.checked_mul(b).map(rounded)
}

/// Money at the inverse of an exchange rate.
pub(super) fn over(a: Decimal, b: Decimal) -> Option<Decimal> {
    a.checked_div(b).map(rounded)
}

/// The share of `whole` that `part` has of `of`.
pub(super) fn part(whole: Decimal, part: Decimal, of: Decimal) -> Option<Decimal> {
    whole.checked_mul(part)?.checked_div(of).map(rounded)
}

/// `quantity * new / old`: exact where it ends, else rounded.
pub(super) fn scaled(quantity: Decimal, new: Decimal, old: Decimal) -> Option<Decimal> {
    let product = quantity.checked_mul(new)?;
    let quotient = product.checked_div(old)?;
    let ends = quotient.checked_mul(old) == Some(product);
    Some(if ends && quotient.normalize().scale() <= 2 * PLACES { quotient } else { rounded(quotient) })
}

/// The figure times 10^12, as the store keeps it: half to even at the last place kept.
pub fn units(figure: Decimal) -> i128 {
    let figure = figure.round_dp(PLACES);
    figure.mantissa() * 10_i128.pow(PLACES - figure.scale().min(PLACES))
}

/// Half to even at the last place kept.
fn rounded(figure: Decimal) -> Decimal {
    figure.round_dp(PLACES).normalize()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dec(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn a_sum_is_exact_or_not_made() {
        assert_eq!(add(dec("1.10"), dec("-1.1")), Some(Decimal::ZERO));
        assert_eq!(add(dec("79228162514264337593543950335"), Decimal::ONE), None);
        assert_eq!(add(dec("1000000"), dec("0.0000000000000000000000000001")), None);
        assert_eq!(add(dec("1000000"), dec("0.000000000001")), Some(dec("1000000.000000000001")));
        assert_eq!(add(Decimal::ZERO, dec("0.0000000000000000000000000001")).unwrap().scale(), 28);
    }

    #[test]
    fn what_does_not_end_is_rounded_half_to_even() {
        assert_eq!(part(dec("10"), Decimal::ONE, dec("3")), Some(dec("3.333333333333")));
        assert_eq!(times(dec("0.0000005"), dec("0.000001")), Some(Decimal::ZERO));
        assert_eq!(times(dec("0.0000015"), dec("0.000001")), Some(dec("0.000000000002")));
        assert_eq!(scaled(dec("10"), Decimal::ONE, dec("3")), Some(dec("3.333333333333")));
        assert_eq!(scaled(dec("7"), Decimal::ONE, dec("8")), Some(dec("0.875")));
        assert_eq!(over(dec("1"), Decimal::ZERO), None);
    }
}

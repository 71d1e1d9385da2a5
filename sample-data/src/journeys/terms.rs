//! The terms of an order: how many shares, what commission.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use crate::calendar::Venue;

/// `quarters` quarters of `free`, in whole shares where that leaves something.
pub(super) fn part_of(free: Decimal, quarters: i64) -> Decimal {
    if quarters == 4 {
        return free;
    }
    let part = free * Decimal::from(quarters) / Decimal::from(4);
    let whole = part.trunc();
    if whole.is_zero() { free } else { whole }
}

/// Shares for about `notional`: whole ones, or four decimals.
pub(super) fn shares(notional: Decimal, price: Decimal, fractional: bool) -> Decimal {
    let exact = notional / price;
    let small = exact.to_f64().unwrap_or(1.0) < 1.0;
    if fractional {
        exact.trunc_with_scale(4).max(Decimal::new(1, 4))
    } else if small {
        Decimal::ONE
    } else {
        exact.trunc()
    }
}

/// Commission: 5 basis points, at least a dollar, in New York; 3 basis points,
/// at most twenty rupees, in India.
pub(super) fn fee(venue: Venue, notional: Decimal) -> Decimal {
    let fee = match venue {
        Venue::Xnys => (notional * Decimal::new(5, 4)).max(Decimal::ONE),
        Venue::Xnse => (notional * Decimal::new(3, 4)).min(Decimal::from(20)),
    };
    let mut fee = fee.round_dp(2);
    fee.rescale(2);
    fee
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fees_have_their_floor_and_ceiling() {
        assert_eq!(fee(Venue::Xnys, Decimal::from(100)).to_string(), "1.00");
        assert_eq!(fee(Venue::Xnys, Decimal::from(10_000)).to_string(), "5.00");
        assert_eq!(fee(Venue::Xnse, Decimal::from(1_000_000)).to_string(), "20.00");
    }

    #[test]
    fn a_part_is_never_more_than_the_whole() {
        for free in ["0.3500", "1", "7", "12.25"] {
            let free: Decimal = free.parse().expect("a decimal");
            for quarters in 1..=4 {
                let part = part_of(free, quarters);
                assert!(part <= free && part > Decimal::ZERO);
            }
        }
    }
}

//! How unlikely a value is under a forecast's quantiles.

use crate::QUANTILES;

/// Quantiles that lie closer together than this (natural logarithm, from one to the next) are taken to be so far
/// apart: a model that was never wrong is not a model that cannot be.
const LEAST_GAP: f64 = 0.02;

/// On which side of the median a value lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// More than usual.
    Above,
    /// Less than usual.
    Below,
}

impl Side {
    /// Its name as it is stored.
    pub fn id(self) -> &'static str {
        match self {
            Self::Above => "above",
            Self::Below => "below",
        }
    }
}

/// A value's place in the band.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Place {
    pub(super) side: Side,
    /// Minus the logarithm of the probability of a value so far out or farther on its side: ln 2 at the median.
    pub(super) nats: f64,
    /// Distance from the median in half widths of the band, whose edge is the 0.999 quantile: 1 at the edge.
    pub(super) widths: f64,
    /// Logarithm of the value over the median.
    pub(super) log_ratio: f64,
    /// What was added to both for it.
    pub(super) floor: f64,
    /// Logarithm of the band's edge over the median.
    pub(super) edge: f64,
}

/// Places a value, in a series that typically sees so much, in a step in which the forecast is typically wrong by a
/// factor (its logarithm). The forecast has no quantiles below its median; there the band is mirrored in logarithms. Beyond
/// the edge the tail is a power law, which goes on as it went from the 0.95 to the 0.999 quantile: demand has heavy
/// tails, and a steeper one would make every freak a certainty.
pub(super) fn place(value: f64, quantiles: &[f64; 6], typical: f64, bias: f64) -> Place {
    // In logarithms of what is left over some floor below nothing: a quarter of the band's width, so that where the
    // band reaches far above a small median silence is nothing special; and a tenth of what is typical, so that thirty
    // times the little of a quiet hour is not an anomaly when a busy hour sees more.
    let floor = 0.25 * (quantiles[5] - quantiles[0]) + 0.1 * typical + quantiles[0] * 1e-3 + 1e-9;
    let log = |v: f64| (v.max(0.0) + floor).ln();
    let median = log(quantiles[0]);
    let mut gaps = quantiles.map(|q| (log(q) - median).max(0.0));
    for i in 1..gaps.len() {
        gaps[i] = gaps[i].max(gaps[i - 1] + LEAST_GAP);
    }
    let log_ratio = log(value) - median - bias;
    let distance = log_ratio.abs();
    let nats = QUANTILES.map(|p| -(1.0 - p).ln());
    let between = |low: usize, high: usize| {
        nats[low] + (nats[high] - nats[low]) * (distance - gaps[low]) / (gaps[high] - gaps[low])
    };
    let nats = match gaps.iter().position(|gap| distance < *gap) {
        Some(above) => between(above.max(1) - 1, above.max(1)),
        None => nats[5] + (nats[5] - nats[3]) * (distance - gaps[5]) / (gaps[5] - gaps[3]),
    };
    let side = if log_ratio < 0.0 { Side::Below } else { Side::Above };
    Place { side, nats, widths: distance / gaps[5], log_ratio, floor, edge: gaps[5] }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(value: f64, quantiles: &[f64; 6]) -> Place {
        place(value, quantiles, 0.0, 0.0)
    }

    const QS: [f64; 6] = [100.0, 120.0, 130.0, 140.0, 160.0, 200.0];

    #[test]
    fn at_a_quantile_the_tail_is_what_the_quantile_says() {
        for (p, q) in QUANTILES.into_iter().zip(QS) {
            let place = at(q, &QS);
            assert!(((-place.nats).exp() - (1.0 - p)).abs() < 1e-6, "{p}: {place:?}");
        }
        assert!((at(200.0, &QS).widths - 1.0).abs() < 1e-9);
        assert!(at(400.0, &QS).nats > at(300.0, &QS).nats && at(300.0, &QS).nats > -(1e-3_f64).ln());
    }

    #[test]
    fn below_is_the_mirror_of_above() {
        // 125 is a quarter of the width above the median, as the logarithms are taken.
        let (up, down) = (at(200.0, &QS), at(125.0 * 125.0 / 225.0 - 25.0, &QS));
        assert_eq!((up.side, down.side), (Side::Above, Side::Below));
        assert!((up.nats - down.nats).abs() < 0.02, "{up:?} {down:?}");
        assert!(at(0.0, &QS).widths > 2.5, "an outage");
        assert!(at(0.0, &[1.0, 2.0, 3.0, 3.0, 4.0, 5.0]).widths < 0.7, "a chance silence");
    }

    #[test]
    fn a_quiet_hour_counts_for_little_and_a_known_bias_for_nothing() {
        let quiet = [3.0, 4.0, 5.0, 6.0, 8.0, 9.0];
        assert!(at(60.0, &quiet).widths > 2.0);
        assert!(place(60.0, &quiet, 500.0, 0.0).widths < place(60.0, &quiet, 50.0, 0.0).widths / 2.0 + 5.0);
        let bias = at(140.0, &QS).log_ratio;
        assert!(place(140.0, &QS, 0.0, bias).widths < 1e-9);
    }

    #[test]
    fn no_width_and_no_demand_are_no_division_by_zero() {
        let flat = at(41.0, &[40.0; 6]);
        assert!(flat.nats.is_finite() && flat.widths < 1.0, "{flat:?}");
        let none = at(0.0, &[0.0; 6]);
        assert!(none.nats.is_finite() && none.widths == 0.0, "{none:?}");
        assert!(at(500.0, &[0.0; 6]).nats.is_finite());
    }
}

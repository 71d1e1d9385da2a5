//! The sentences of a verdict.

use super::{Facts, Peak, Usl};
use crate::curve::figures::{figure, percent};
use crate::curve::student;
use crate::curve::usl::bootstrap::{Bootstrap, Resampler};
use crate::curve::usl::fit::UslFit;

/// Fewer loads leave too little beside three coefficients.
const FEWEST_LOADS: usize = 6;
/// A curve is seen over at least this range.
const LEAST_SPREAD: f64 = 2.0;
/// The fit must beat a constant with less doubt than this.
const CHANCE: f64 = 0.01;
/// The standard error of γ over γ, above which it is not known, and above which it is known badly.
const GAMMA_UNKNOWN: f64 = 0.35;
const GAMMA_VAGUE: f64 = 0.2;
/// The throughput at the lowest load over the largest, above which the rise is not seen.
const RISEN: f64 = 0.8;
/// Distance from the curve over the largest throughput, above which the points are noisy.
const NOISY: f64 = 0.1;
/// Half the width of an interval over the estimate, above which an extrapolated peak is not given.
const WIDE: f64 = 0.5;
/// A limit is given if it is known up to this factor.
const LIMIT_FACTOR: f64 = 3.0;
/// A peak is given up to this multiple of the largest load.
const PEAK_REACH: f64 = 2.0;
/// A limit is given up to this multiple of the largest throughput.
const LIMIT_REACH: f64 = 4.0;

/// Why the loads do not determine a curve.
pub(super) fn spread_of_loads(facts: &Facts) -> Vec<String> {
    let mut reasons = Vec::new();
    let [low, high] = facts.load;
    if facts.distinct_loads < FEWEST_LOADS {
        reasons.push(format!(
            "only {} different loads are measured; three coefficients need at least {FEWEST_LOADS}",
            facts.distinct_loads
        ));
    }
    if high < LEAST_SPREAD * low {
        reasons.push(format!(
            "loads reach only from {} to {}; the largest must be at least {LEAST_SPREAD} times the smallest for the curve to show",
            figure(low),
            figure(high)
        ));
    }
    reasons
}

/// Why a fit is not to be had from the points.
pub(super) fn refusals(fit: &UslFit, facts: &Facts) -> Vec<String> {
    let [low, high] = facts.throughput;
    let Some(explained) = fit.r_squared else {
        return vec![format!("throughput is {} at every load: it does not depend on load", figure(high))];
    };
    let free = fit.degrees_of_freedom as f64;
    let f = explained / 2.0 / ((1.0 - explained) / free);
    let chance = student::f_tail(if explained < 1.0 { f } else { f64::INFINITY }, 2.0, free);
    if chance > CHANCE {
        return vec![format!(
            "throughput, from {} to {}, does not depend on load more than chance would have it: the curve explains {} of its variation",
            figure(low),
            figure(high),
            percent(explained.max(0.0))
        )];
    }
    let falling =
        fit.usl.peak().map_or(fit.usl.beta() > 0.0, |peak| peak.load <= facts.load[0] * (1.0 + 1e-9));
    if falling {
        return vec![format!(
            "throughput falls from the lowest load {} on, so nothing shows how it rises; measure lower loads",
            figure(facts.load[0])
        )];
    }
    match fit.standard_errors {
        None => vec!["the points do not tell the three coefficients apart; measure more loads".to_owned()],
        Some([_, _, error]) if error > GAMMA_UNKNOWN * fit.usl.gamma() => vec![format!(
            "the throughput at load 1 cannot be determined: {} with a standard error of {}; measure loads below {}",
            figure(fit.usl.gamma()),
            figure(error),
            figure(facts.load[0])
        )],
        Some(_) => Vec::new(),
    }
}

/// The peak and the limit, each or why it is not given.
pub(super) fn beyond_the_points(
    usl: &Usl,
    bootstrap: Option<&Bootstrap>,
    facts: &Facts,
) -> (Result<Peak, String>, Result<f64, String>) {
    (peak(usl, bootstrap, facts), limit(usl, bootstrap, facts))
}

fn peak(usl: &Usl, bootstrap: Option<&Bootstrap>, facts: &Facts) -> Result<Peak, String> {
    let largest = facts.load[1];
    let Some(peak) = usl.peak() else {
        return Err(format!(
            "throughput does not fall up to the largest measured load {}: no coherency is seen, and without it there is no peak",
            figure(largest)
        ));
    };
    if peak.load > PEAK_REACH * largest {
        return Err(format!(
            "beyond the data: the curve would peak at load {}, more than twice the largest measured load {}; measure higher loads",
            figure(peak.load),
            figure(largest)
        ));
    }
    // Among the points the peak is seen, and its flat top may lie here or there; beyond them it is only computed.
    let seen = peak.load <= largest;
    let narrow = |low: f64, high: f64| seen || high - low <= 2.0 * WIDE * peak.load;
    let interval = known(bootstrap.map(|b| b.peak_load), narrow);
    interval.map(|()| peak).map_err(|between| {
        format!("the load of the peak {between}; measure more loads around and above {}", figure(peak.load))
    })
}

fn limit(usl: &Usl, bootstrap: Option<&Bootstrap>, facts: &Facts) -> Result<f64, String> {
    let largest = facts.throughput[1];
    let Some(limit) = usl.limit() else {
        return Err("no contention is seen, and without it there is no limit".to_owned());
    };
    if limit > LIMIT_REACH * largest {
        return Err(format!(
            "saturation was not observed: the largest measured throughput {} is {} of what would be the limit",
            figure(largest),
            percent(largest / limit)
        ));
    }
    let narrow = |low: f64, high: f64| low * LIMIT_FACTOR >= limit && high <= LIMIT_FACTOR * limit;
    let interval = known(bootstrap.map(|b| b.limit), narrow);
    interval.map(|()| limit).map_err(|between| {
        format!(
            "saturation was not observed well enough: the limit {between}; measure loads where throughput levels off"
        )
    })
}

/// Whether an interval has bounds and is narrow; else where the figure may lie.
fn known(interval: Option<[Option<f64>; 2]>, narrow: impl Fn(f64, f64) -> bool) -> Result<(), String> {
    match interval {
        Some([Some(low), Some(high)]) if narrow(low, high) => Ok(()),
        Some([Some(low), Some(high)]) => {
            Err(format!("lies anywhere between {} and {}", figure(low), figure(high)))
        }
        Some([Some(low), None]) => Err(format!("lies anywhere above {}", figure(low))),
        Some([None, _]) | None => Err("has no interval, as resamples of the points have no curve".to_owned()),
    }
}

/// What speaks against a fit that is not refused.
pub(super) fn doubts(
    fit: &UslFit,
    resampler: &Resampler<'_>,
    bootstrap: Option<&Bootstrap>,
    peak: Option<&Peak>,
    facts: &Facts,
) -> Vec<String> {
    let mut reasons = Vec::new();
    let noise = fit.residual_standard_error / facts.throughput[1];
    if noise > NOISY {
        reasons.push(format!(
            "points lie {} of the largest throughput off the curve; repeat the measurements for longer",
            percent(noise)
        ));
    }
    if resampler.lack_of_fit().is_some_and(|lack| lack.shows()) {
        reasons.push(
            "measurements at the same or neighbouring loads agree with each other better than with the curve: something beside the load changes between loads, or the system follows another curve"
                .to_owned(),
        );
    } else if let Some(longest) = resampler.bent_stretch() {
        reasons.push(format!(
            "the points leave the curve in stretches, {longest} loads in a row on one side: the system bends more sharply or more gently than this law"
        ));
    }
    if let Some([_, _, error]) = fit.standard_errors
        && error > GAMMA_VAGUE * fit.usl.gamma()
    {
        reasons.push(format!(
            "the throughput at load 1 is known with a standard error of {} only; measure loads below {}",
            percent(error / fit.usl.gamma()),
            figure(facts.load[0])
        ));
    }
    let risen = fit.usl.throughput(facts.load[0]) / facts.throughput[1];
    if risen > RISEN {
        reasons.push(format!(
            "the lowest load {} already brings {} of the largest throughput, so how it rises is not seen; measure lower loads",
            figure(facts.load[0]),
            percent(risen)
        ));
    }
    if let Some(peak) = peak.filter(|peak| peak.load > facts.load[1]) {
        reasons.push(format!(
            "the peak at load {} is extrapolated: throughput still rises at the largest measured load {}",
            figure(peak.load),
            figure(facts.load[1])
        ));
    }
    if bootstrap.is_none() {
        reasons.push(
            "many resamples of the points have no curve, so nothing is known of its intervals; measure more loads"
                .to_owned(),
        );
    }
    reasons
}

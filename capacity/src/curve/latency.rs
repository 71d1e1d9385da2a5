//! Capacity from telemetry far below saturation, by the law of residence.
//!
//! A request meets a delay D that does not depend on load (work done side by side) and, in series, one section that
//! only `servers` requests at a time may enter and that takes S on average: a lock, a connection, a core. Minutes of
//! arrival rate λ and mean response time R then lie on
//!
//! R(λ) = D + S + W(λ), and for one server W(λ) = λS² · (1 + cv²)/2 / (1 − λS)
//!
//! (F. Pollaczek 1930, A. Y. Khinchine 1932; for more servers Erlang's wait with the correction of Allen and Cunneen).
//! R rises long before the section saturates at `servers`/S, and how it rises tells S.
//!
//! # What is assumed
//!
//! Nothing but the section slows down under load: whatever else does is counted into it. Arrivals are Poisson within
//! a minute. cv² is the squared coefficient of variation of the time in the section (1 is
//! exponential, 0 constant) and **cannot be told from such minutes**: at low load the rise is λS²(1 + cv²)/2, which
//! many pairs of S and cv² share, and the curvature that tells them apart lies below the noise (fitted together at
//! 10 to 40 % utilisation, capacity is off by 20 to 60 %). A wrong cv² makes the capacity wrong by up to the factor
//! √((1 + assumed)/(1 + true)): with 1 assumed, a constant time gives 31 % (at most 41 %) too much, and cv² 4 gives
//! 26 % too little. 1 is the default because times in locks and connections vary about as much as their mean; the
//! capacity for cv² 0 is given beside it, and is the least that any spread of times would leave. Bursts of arrivals
//! act like a larger cv².
//!
//! # How it is fitted
//!
//! Least squares over the minutes, weighted by their requests, as the variance of a mean falls with them. S is
//! searched over its whole range, D follows from it and is not below 0. Minutes that lie off by more than six times
//! the usual distance of a robust fit (P. J. Huber 1964) are left out. The interval of the capacity comes from resamples of
//! blocks of neighbouring minutes, which keep what hangs together in time.
//!
//! # How far it may be believed
//!
//! In simulated hours that ramp from 10 to 40 % of a capacity of 50 to 500 a second, with exponential times in the
//! section and a lognormal delay of 1 to 10 times their mean, 95 of 100 good fits are off by less than 8 %; where 45 000
//! requests have to show a section behind a delay ten times as long, by less than 12 %, and a tenth of the fits are
//! weak. The interval holds the capacity 93 to 98 times of 100 (91 if times in the section spread lognormally).

mod residence;
mod search;
#[cfg(test)]
mod simulation;
#[cfg(test)]
mod tests;

use rand::Rng;
use serde::Serialize;
use utoipa::ToSchema;

use super::figures::{figure, percent};
use super::fit::Grade;
use super::queue::QueueError;
use super::resample::{LEVEL, RESAMPLES, expanded_interval, generator};
use super::student;
pub use residence::Residence;
use search::{Section, Waits, robust};

/// More minutes than a week has are refused.
pub const MOST_MINUTES: usize = 10_080;
/// Fewer minutes tell nothing.
const FEWEST_MINUTES: usize = 20;
/// The largest arrival rate over the smallest, below which no rise can be seen.
const LEAST_SPREAD: f64 = 1.5;
/// The rise must be seen with less doubt than this.
const CHANCE: f64 = 0.01;
/// Half the width of the interval of the capacity over the capacity, above which the fit is weak.
const WIDE: f64 = 0.25;
/// The highest utilisation, below which the fit is weak.
const IDLE: f64 = 0.1;
/// The share of minutes left out, above which the fit is weak.
const MANY_LEFT_OUT: f64 = 0.1;

/// A minute (or any other stretch of time) of telemetry.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Minute {
    /// Requests a second.
    pub arrival_rate: f64,
    /// Mean response time in seconds.
    pub response: f64,
    /// Requests that the mean is of.
    pub requests: u64,
}

/// What the caller knows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LatencyOptions {
    /// Requests that the section takes at a time.
    pub servers: u32,
    /// Squared coefficient of variation of the time in the section: 1 exponential, 0 constant.
    pub service_cv2: f64,
    /// Bootstrap resamples; kept within 1,000 and 100,000.
    pub resamples: usize,
    /// What they are drawn from: the same seed gives the same intervals.
    pub seed: u64,
}

impl Default for LatencyOptions {
    fn default() -> Self {
        Self { servers: 1, service_cv2: 1.0, resamples: 1_000, seed: 1 }
    }
}

/// Why minutes cannot be fitted at all.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum LatencyError {
    /// A minute is not a measurement.
    #[error(
        "minute {number} has the arrival rate {arrival_rate} and the mean response {response}; both must be numbers from 0 up"
    )]
    NotAMinute {
        /// Counted from 1.
        number: usize,
        /// Its arrival rate.
        arrival_rate: f64,
        /// Its mean response.
        response: f64,
    },
    /// There is too much.
    #[error("{minutes} minutes are given; fit at most a week, {MOST_MINUTES}, or means of longer stretches")]
    TooManyMinutes {
        /// How many.
        minutes: usize,
    },
    /// An option outside its range.
    #[error(transparent)]
    Option(#[from] QueueError),
}

/// The minutes at a glance.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, ToSchema)]
pub struct MinutesBody {
    /// Minutes with requests.
    pub count: usize,
    /// Of these, left out as far off.
    pub left_out: usize,
    /// Requests in the minutes that were fitted.
    pub requests: u64,
    /// Smallest and largest, a second.
    pub arrival_rate: [f64; 2],
}

/// A fit of the law of residence. Without figures, `reasons` says why.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct LatencyFit {
    /// Whether to believe it.
    pub verdict: Grade,
    /// Why the verdict is not good.
    pub reasons: Vec<String>,
    /// The delay and the section.
    pub residence: Option<Residence>,
    /// The rate at which the section saturates, in requests a second.
    pub capacity: Option<f64>,
    /// Interval of the capacity at 95 %.
    #[schema(value_type = Option<Vec<f64>>)]
    pub capacity_interval: Option<[f64; 2]>,
    /// The capacity if the time in the section is constant: the least for any spread of times.
    pub capacity_if_constant: Option<f64>,
    /// The capacity if the time in the section is exponential.
    pub capacity_if_exponential: Option<f64>,
    /// The highest utilisation of the section that the minutes saw.
    pub highest_utilisation: Option<f64>,
    /// What was fitted.
    pub minutes: MinutesBody,
    /// Level of the interval.
    pub level: f64,
    /// What the resamples were drawn from.
    pub seed: u64,
}

/// Fits the law of residence to minutes in the order of time. Minutes without requests are passed over.
pub fn fit(minutes: &[Minute], options: &LatencyOptions) -> Result<LatencyFit, LatencyError> {
    // Checks the options.
    Residence::new(0.0, 1.0, options.servers, options.service_cv2)?;
    if minutes.len() > MOST_MINUTES {
        return Err(LatencyError::TooManyMinutes { minutes: minutes.len() });
    }
    let sane = |v: f64| (0.0..=1e12).contains(&v);
    if let Some(at) = minutes.iter().position(|m| !sane(m.arrival_rate) || !sane(m.response)) {
        let Minute { arrival_rate, response, .. } = minutes[at];
        return Err(LatencyError::NotAMinute { number: at + 1, arrival_rate, response });
    }
    let used: Vec<Minute> =
        minutes.iter().copied().filter(|m| m.requests > 0 && m.arrival_rate > 0.0).collect();
    let rates = used.iter().map(|m| m.arrival_rate);
    let [low, high] =
        rates.fold([f64::MAX, 0.0], |[low, high]: [f64; 2], rate| [low.min(rate), high.max(rate)]);
    let mut body = LatencyFit {
        verdict: Grade::Refused,
        reasons: Vec::new(),
        residence: None,
        capacity: None,
        capacity_interval: None,
        capacity_if_constant: None,
        capacity_if_exponential: None,
        highest_utilisation: None,
        minutes: MinutesBody {
            count: used.len(),
            left_out: 0,
            requests: requests(&used),
            arrival_rate: [low.min(high), high],
        },
        level: LEVEL,
        seed: options.seed,
    };
    if used.len() < FEWEST_MINUTES {
        body.reasons.push(format!(
            "{} steps of time with requests are measured; at least {FEWEST_MINUTES} are needed",
            used.len()
        ));
    } else if high < LEAST_SPREAD * low {
        body.reasons.push(format!(
            "the arrival rate lies between {} and {} a second all the time; it must vary by half for a rise to show",
            figure(low),
            figure(high)
        ));
    } else {
        body.fill(&used, options);
    }
    Ok(body)
}

impl LatencyFit {
    fn fill(&mut self, minutes: &[Minute], options: &LatencyOptions) {
        let waits = Waits::new(options.servers, options.service_cv2);
        let kept = robust(minutes, &waits);
        self.minutes.left_out = minutes.len() - kept.len();
        self.minutes.requests = requests(&kept);
        let section = Section::search(&kept, &waits);
        let flat = Section::none(&kept);
        let free = kept.len().saturating_sub(2) as f64;
        let f = if flat.cost > section.cost { (flat.cost - section.cost) * free / section.cost } else { 0.0 };
        let not_seen = format!(
            "no serialised section can be seen: over {} steps of time and {} requests the mean response does not rise with the arrival rate more than chance would have it",
            kept.len(),
            self.minutes.requests
        );
        if free < 1.0 || section.service == 0.0 || student::f_tail(f, 1.0, free) > CHANCE {
            self.reasons.push(not_seen);
            return;
        }
        let block = (kept.len() as f64).cbrt().round() as usize;
        let drawn = resampled(&kept, &waits, &section, block, options);
        let [Some(low), Some(high)] = expanded_interval(drawn, kept.len() / block) else {
            self.reasons.push(not_seen);
            return;
        };
        let Ok(residence) =
            Residence::new(section.delay, section.service, options.servers, options.service_cv2)
        else {
            self.reasons.push(not_seen);
            return;
        };
        let capacity = residence.capacity();
        let utilisation = self.minutes.arrival_rate[1] / capacity;
        let if_spread = |cv2: f64| {
            let section = Section::search(&kept, &waits.with_service_cv2(cv2));
            let capacity = f64::from(options.servers) / section.service;
            capacity.is_finite().then_some(capacity)
        };
        self.capacity_if_constant = if_spread(0.0);
        self.capacity_if_exponential = if_spread(1.0);
        self.reasons = doubts(capacity, [low, high], utilisation, &self.minutes);
        self.verdict = if self.reasons.is_empty() { Grade::Good } else { Grade::Weak };
        self.residence = Some(residence);
        self.capacity = Some(capacity);
        self.capacity_interval = Some([low, high]);
        self.highest_utilisation = Some(utilisation);
    }
}

fn requests(minutes: &[Minute]) -> u64 {
    minutes.iter().fold(0, |sum, m| sum.saturating_add(m.requests))
}

/// Capacities of resamples of blocks of minutes around the circle of time.
fn resampled(
    minutes: &[Minute],
    waits: &Waits,
    found: &Section,
    block: usize,
    options: &LatencyOptions,
) -> Vec<f64> {
    let mut rng = generator(options.seed);
    let resamples = options.resamples.clamp(*RESAMPLES.start(), *RESAMPLES.end());
    let mut drawn: Vec<Minute> = Vec::with_capacity(minutes.len() + block);
    (0..resamples)
        .map(|_| {
            drawn.clear();
            while drawn.len() < minutes.len() {
                let start = rng.random_range(0..minutes.len());
                drawn.extend((start..start + block).map(|at| minutes[at % minutes.len()]));
            }
            drawn.truncate(minutes.len());
            // Without section it is infinite, which the interval takes as no bound.
            f64::from(options.servers) / found.search_near(&drawn, waits).service
        })
        .collect()
}

fn doubts(capacity: f64, [low, high]: [f64; 2], utilisation: f64, minutes: &MinutesBody) -> Vec<String> {
    let mut reasons = Vec::new();
    let half = 0.5 * (high - low) / capacity;
    if half > WIDE {
        reasons.push(format!(
            "the capacity lies anywhere between {} and {} a second; about {} times as many requests would narrow that to ±25 %",
            figure(low),
            figure(high),
            figure((half / WIDE).powi(2).ceil())
        ));
    }
    if utilisation < IDLE {
        reasons.push(format!(
            "the section was at most {} busy, so its capacity is reckoned {} times beyond what was measured",
            percent(utilisation),
            figure((1.0 / utilisation).round())
        ));
    }
    let left_out = minutes.left_out as f64 / minutes.count as f64;
    if left_out > MANY_LEFT_OUT {
        reasons.push(format!(
            "{} of {} steps of time lie far off and are left out; look at what happened in them",
            minutes.left_out, minutes.count
        ));
    }
    reasons
}

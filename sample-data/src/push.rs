//! Pushing the platform until it breaks.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::time::Duration;

use opentelemetry::trace::{SpanKind, Status};

use crate::record::Span;
use crate::topology::Service;
use crate::{Platform, Ramp, SampleConfig};

/// A service breaks when more than this share of its requests fail,
const ERRORS: f64 = 0.01;
/// when less than this share of what the first stage did for each demanded
/// trace succeeds,
const SERVED: f64 = 0.97;
/// or when its 99th percentile is more than this many times the first stage's.
const SLOWER: f64 = 10.0;
/// Fewer failures than this are chance, and so is a shortfall of less than so
/// many standard deviations.
const FAILURES: u64 = 20;
const DEVIATIONS: f64 = 4.0;

/// A push: a stage of low traffic to compare with, then stages of rising
/// constant rates, one after the other.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Push {
    /// Traces a second of the stage that the others are compared with.
    pub base: f64,
    /// Traces a second of the first stage of the push.
    pub from: f64,
    /// Traces a second of its last stage.
    pub to: f64,
    /// How many stages the push has.
    pub stages: NonZeroU32,
    /// Minutes of each stage, from 2; the first minute is left out.
    pub minutes: u32,
}

/// What a service did in a stage.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Served {
    /// Server and consumer spans.
    pub calls: u64,
    /// Those with an error status.
    pub errors: u64,
    /// 99th percentile of their durations, in seconds.
    pub p99: f64,
    /// What that percentile is at least, whatever chance did: the duration four
    /// standard deviations of the rank below.
    pub p99_at_least: f64,
}

/// One stage of a push.
#[derive(Clone, Debug, PartialEq)]
pub struct Stage {
    /// Demanded traces a second.
    pub rate: f64,
    /// Every service that was called.
    pub services: BTreeMap<Service, Served>,
}

/// Why the platform counts as broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// More than 1 % of a service's requests fail.
    Errors,
    /// A service's successful requests no longer follow demand.
    Behind,
    /// The 99th percentile is more than ten times that of the first stage.
    Slow,
}

/// Where the platform breaks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Break {
    /// Traces a second of the last stage that held and the first that did not.
    pub between: (f64, f64),
    /// The service that broke; of several the one that fails most, which may be
    /// a caller of the one whose resource is at its wall.
    pub service: Service,
    /// How.
    pub why: Why,
}

impl Break {
    /// Traces a second: the middle between held and broken.
    pub fn rate(&self) -> f64 {
        f64::midpoint(self.between.0, self.between.1)
    }
}

impl Push {
    /// Runs the platform of `cfg`, from `cfg.start()`, through the stages, that
    /// of low traffic first. The configured ramp does not matter; limits, seed
    /// and incidents do.
    ///
    /// A stage should be long beside the timeouts: a queue that is to fill up
    /// takes its time.
    pub fn run(&self, cfg: &SampleConfig) -> Vec<Stage> {
        let mut stages = self.stage(cfg, self.base, self.base, NonZeroU32::MIN);
        stages.extend(self.stage(cfg, self.from, self.to, self.stages));
        stages
    }

    fn stage(&self, cfg: &SampleConfig, from: f64, to: f64, count: NonZeroU32) -> Vec<Stage> {
        let minutes = self.minutes.max(2);
        let stage_time = Duration::from_secs(60 * u64::from(minutes));
        let ramp = Ramp { from, to, steps: Some(count), over: stage_time * count.get() };
        let mut platform = Platform::new(&SampleConfig { ramp: Some(ramp), ..cfg.clone() });
        let start = platform.time();
        let mut calls: BTreeMap<(u32, Service), (Vec<f64>, u64)> = BTreeMap::new();
        for _ in 0..minutes * count.get() {
            let batch = platform.minute();
            for Span { resource, data } in &batch.spans {
                if !matches!(data.span_kind, SpanKind::Server | SpanKind::Consumer) {
                    continue;
                }
                let since = data.start_time.duration_since(start.into()).unwrap_or_default();
                let minute = (since.as_secs() / 60) as u32;
                if minute.is_multiple_of(minutes) {
                    continue;
                }
                let service = platform.topology().instances()[usize::from(*resource)].service;
                let (times, errors) = calls.entry((minute / minutes, service)).or_default();
                times.push(data.end_time.duration_since(data.start_time).unwrap_or_default().as_secs_f64());
                *errors += u64::from(matches!(data.status, Status::Error { .. }));
            }
        }
        let mut stages: Vec<_> = (0..count.get())
            .map(|i| Stage { rate: ramp.rate(stage_time * i), services: BTreeMap::new() })
            .collect();
        for ((index, service), (times, errors)) in calls {
            // What starts after the last stage belongs to none.
            if let Some(stage) = stages.get_mut(index as usize) {
                stage.services.insert(service, Served::of(times, errors));
            }
        }
        stages
    }
}

impl Served {
    /// Of one duration at least.
    fn of(mut times: Vec<f64>, errors: u64) -> Self {
        times.sort_unstable_by(f64::total_cmp);
        let calls = times.len() as f64;
        let at = |rank: f64| times[(rank.max(0.0) as usize).min(times.len() - 1)];
        let (rank, spread) = (0.99 * calls, DEVIATIONS * (0.99 * 0.01 * calls).sqrt());
        Self { calls: times.len() as u64, errors, p99: at(rank), p99_at_least: at(rank - spread) }
    }
}

/// Where a push broke the platform, by its stage of low traffic as the measure
/// of what is well; `None` if it held.
pub fn breaks(stages: &[Stage]) -> Option<Break> {
    let (first, rest) = stages.split_first()?;
    let mut held = first.rate;
    for stage in rest {
        let broken = stage.services.iter().filter_map(|(service, served)| {
            let why = judge(served, first.services.get(service)?, stage.rate / first.rate)?;
            Some((*service, why, served.errors as f64 / served.calls as f64))
        });
        // Who calls a service that fails fails with it, mostly less often.
        if let Some((service, why, _)) = broken.max_by(|a, b| a.2.total_cmp(&b.2)) {
            return Some(Break { between: (held, stage.rate), service, why });
        }
        held = stage.rate;
    }
    None
}

/// `times`: how many times the demand of `well` there is.
fn judge(served: &Served, well: &Served, times: f64) -> Option<Why> {
    if served.errors >= FAILURES && served.errors as f64 > ERRORS * served.calls as f64 {
        return Some(Why::Errors);
    }
    let wished = (well.calls - well.errors) as f64 * times;
    // Both counts are Poisson's: the scaled one varies `times` as much.
    let chance = DEVIATIONS * (wished * (1.0 + times)).sqrt();
    if ((served.calls - served.errors) as f64) < (SERVED * wished).min(wished - chance) {
        return Some(Why::Behind);
    }
    (served.p99_at_least > SLOWER * well.p99).then_some(Why::Slow)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stage(rate: f64, calls: u64, errors: u64, p99: f64) -> Stage {
        let served = Served { calls, errors, p99, p99_at_least: p99 };
        Stage { rate, services: BTreeMap::from([(Service::Order, served)]) }
    }

    #[test]
    fn a_service_breaks_in_three_ways() {
        let well = stage(10.0, 10_000, 10, 0.2);
        let broken = |next: Stage| breaks(&[well.clone(), stage(20.0, 20_000, 50, 0.4), next]);
        assert_eq!(broken(stage(30.0, 29_800, 200, 1.9)), None);
        let why = |next| broken(next).map(|b| (b.why, b.rate()));
        assert_eq!(why(stage(30.0, 30_000, 400, 0.4)), Some((Why::Errors, 25.0)));
        assert_eq!(why(stage(30.0, 26_000, 0, 0.4)), Some((Why::Behind, 25.0)));
        assert_eq!(why(stage(30.0, 30_000, 0, 2.1)), Some((Why::Slow, 25.0)));
        assert_eq!(breaks(&[]), None);
    }

    #[test]
    fn a_few_failures_are_chance() {
        assert_eq!(breaks(&[stage(1.0, 100, 0, 0.2), stage(2.0, 180, 5, 0.2)]), None);
    }
}

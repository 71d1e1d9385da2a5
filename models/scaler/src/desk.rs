//! The one rule for what is wanted now, which every door tells.
//!
//! 1. A fresh plan.
//! 2. Else the last plan that was told, carried on by its own steps, up to [`Policy::keep_for`].
//! 3. Else the fallback that the question or the policy states.
//! 4. Else a refusal: the autoscaler keeps what runs.
//!
//! The number then stays within the bounds, is at least 1, and is large enough to be more than the autoscaler's
//! tolerance.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::ask::Ask;
use crate::plans::{NoPlan, Plans, Step, Target, Wanted};
use crate::policy::{Bounds, Policy};
use crate::refusal::Refusal;
use crate::tolerance;

/// Where an answer comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// A fresh plan.
    Plan,
    /// An old plan, because there is no fresh one.
    LastPlan,
    /// The stated fallback, because there is no plan.
    Fallback,
}

/// What is wanted now.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Answer {
    /// The service.
    pub service: String,
    /// Replicas to run: never 0, within the bounds, past the autoscaler's tolerance.
    pub replicas: u32,
    /// Replicas as planned, or as the fallback states.
    pub planned: u32,
    /// The demand quantile they are planned at; none of a fallback.
    pub quantile: Option<f64>,
    /// Where they come from.
    pub source: Source,
    /// Why, in a sentence.
    pub reason: String,
    /// When the plan was made; none of a fallback.
    pub made_at: Option<DateTime<Utc>>,
    /// The steps from now on; none of a fallback.
    pub ahead: Vec<Step>,
}

/// What the desk keeps of a target.
#[derive(Default)]
struct Kept {
    last: Option<Wanted>,
    /// Replicas that the autoscaler runs if it did as told.
    count: Option<u32>,
}

type Clock = dyn Fn() -> DateTime<Utc> + Send + Sync;

/// Answers the doors.
pub struct Desk {
    plans: Arc<dyn Plans>,
    policy: Policy,
    clock: Box<Clock>,
    started: DateTime<Utc>,
    kept: Mutex<HashMap<(String, Option<u64>), Kept>>,
}

impl Desk {
    /// A desk that tells `plans` within `policy`.
    pub fn new(plans: Arc<dyn Plans>, policy: Policy) -> Self {
        let clock = Box::new(Utc::now);
        Self { plans, policy, started: clock(), clock, kept: Mutex::default() }
    }

    /// The same with another clock, for tests and replays. It starts now by that clock.
    #[must_use]
    pub fn with_clock(mut self, clock: impl Fn() -> DateTime<Utc> + Send + Sync + 'static) -> Self {
        self.started = clock();
        self.clock = Box::new(clock);
        self
    }

    /// The present by the desk's clock.
    pub fn now(&self) -> DateTime<Utc> {
        (self.clock)()
    }

    /// The limits the desk holds to.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// What is planned.
    pub fn services(&self) -> Vec<Target> {
        self.plans.services()
    }

    /// The bounds of a question: the policy's, narrowed by its own.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] when they contradict each other.
    pub fn bounds(&self, ask: &Ask) -> Result<Bounds, Refusal> {
        narrowed(self.policy.bounds(&ask.target.service), ask)
    }

    /// What is wanted now.
    ///
    /// # Errors
    /// [`Refusal`], with what to do.
    pub fn answer(&self, ask: &Ask) -> Result<Answer, Refusal> {
        let now = self.now();
        let own = self.policy.bounds(&ask.target.service);
        let bounds = self.bounds(ask)?;
        let told = self.plans.wanted(&ask.target, now);
        if let Err(unknown @ (NoPlan::UnknownService { .. } | NoPlan::UnknownQuantile { .. })) = told {
            return Err(Refusal::Unknown(unknown));
        }

        let mut all = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let mut passing = Kept::default();
        let kept = match all.entry(key(&ask.target)) {
            Entry::Occupied(kept) => kept.into_mut(),
            Entry::Vacant(place) if told.is_ok() => place.insert(Kept::default()),
            // While the plans cannot be read anybody may ask for any name: nothing is kept of that.
            Entry::Vacant(_) => &mut passing,
        };
        let mut answer = match (told, &kept.last) {
            (Ok(wanted), _) if !wanted.stale && age(&wanted, now) <= self.policy.fresh_for => {
                kept.last = Some(wanted.clone());
                planned(ask, &wanted, now, Source::Plan)
            }
            (Ok(wanted), _) if age(&wanted, now) <= self.policy.keep_for => {
                let mut answer = planned(ask, &wanted, now, Source::LastPlan);
                answer.reason = format!("last plan, {} old: {}", spoken(age(&wanted, now)), answer.reason);
                kept.last = Some(wanted);
                answer
            }
            (Err(error), Some(last)) if age(last, now) <= self.policy.keep_for => {
                let mut answer = planned(ask, last, now, Source::LastPlan);
                let old = spoken(age(last, now));
                answer.reason = format!("last plan, {old} old, because {error}: {}", answer.reason);
                answer
            }
            (Ok(wanted), _) => {
                let why = format!("the plan is {} old", spoken(age(&wanted, now)));
                self.fallback(ask, own, now, &why)?
            }
            (Err(error), _) => self.fallback(ask, own, now, &error.to_string())?,
        };
        let within = own.clamp(answer.planned);
        let past = tolerance::past(within, kept.count, self.policy.tolerance);
        let told = own.clamp(past);
        kept.count = Some(told);
        answer.replicas = bounds.clamp(told);
        Ok(answer)
    }

    /// The answer without a plan.
    fn fallback(&self, ask: &Ask, own: Bounds, now: DateTime<Utc>, why: &str) -> Result<Answer, Refusal> {
        let service = &ask.target.service;
        if since(self.started, now) < self.policy.settle {
            return Err(Refusal::Unavailable(format!(
                "Headroom has just started and waits for the first plan of `{service}` ({why}): ask again"
            )));
        }
        let replicas = ask.fallback.or(own.fallback).ok_or_else(|| {
            Refusal::Unavailable(format!(
                "nothing can be said about `{service}`: {why}, and no fallback is stated; state one under \
                 [scaler.fallback], or with fallbackReplicas in the trigger's metadata"
            ))
        })?;
        Ok(Answer {
            service: service.clone(),
            replicas,
            planned: replicas,
            quantile: None,
            source: Source::Fallback,
            reason: format!("fallback of {replicas} replicas, because {why}"),
            made_at: None,
            ahead: Vec::new(),
        })
    }
}

/// The answer of a plan, before the bounds.
fn planned(ask: &Ask, wanted: &Wanted, now: DateTime<Utc>, source: Source) -> Answer {
    let (replicas, reason) = wanted.at(now);
    Answer {
        service: ask.target.service.clone(),
        replicas,
        planned: replicas,
        quantile: Some(wanted.quantile),
        source,
        reason: reason.to_owned(),
        made_at: Some(wanted.made_at),
        ahead: wanted.ahead.iter().filter(|step| step.at > now).cloned().collect(),
    }
}

/// The policy's bounds, narrowed by the question's.
fn narrowed(own: Bounds, ask: &Ask) -> Result<Bounds, Refusal> {
    let min = own.min.max(ask.min.unwrap_or(0));
    let max = own.max.min(ask.max.unwrap_or(u32::MAX));
    if min > max {
        return Err(Refusal::Invalid(format!(
            "minReplicas {min} is above maxReplicas {max} of `{}`: Headroom allows {} to {}",
            ask.target.service, own.min, own.max
        )));
    }
    Ok(Bounds { min, max, ..own })
}

fn key(target: &Target) -> (String, Option<u64>) {
    (target.service.clone(), target.quantile.map(f64::to_bits))
}

fn age(wanted: &Wanted, now: DateTime<Utc>) -> Duration {
    since(wanted.made_at, now)
}

/// Time from one moment to another; none when it lies ahead.
fn since(from: DateTime<Utc>, to: DateTime<Utc>) -> Duration {
    (to - from).to_std().unwrap_or_default()
}

fn spoken(age: Duration) -> String {
    match age.as_secs() {
        s @ 0..120 => format!("{s} s"),
        s @ 120..7200 => format!("{} min", s / 60),
        s => format!("{} h", s / 3600),
    }
}

//! The newest plans in memory, for the doors that autoscalers ask.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use chrono::{DateTime, Duration, Utc};
use headroom_scaler::{NoPlan, Plans, Step, Target, Wanted};

use crate::body::{PlanBody, PlanStep};
use crate::config::ModelsConfig;
use crate::plan::{Mode, Plan, ServiceCapacity, Source};

/// The plans of the services that have a capacity.
#[derive(Debug)]
pub struct PlanBoard {
    config: Arc<ModelsConfig>,
    posted: RwLock<BTreeMap<String, Posted>>,
}

#[derive(Debug, Clone)]
struct Posted {
    made_at: DateTime<Utc>,
    /// Why it is not to be trusted any more, if it is not.
    stale: Option<String>,
    /// Each in force until the next.
    steps: Vec<Step>,
}

impl PlanBoard {
    /// A board on which nothing is posted yet.
    pub fn new(config: Arc<ModelsConfig>) -> Self {
        Self { config, posted: RwLock::default() }
    }

    /// Posts a plan. Its minutes replace those posted before; what was posted for later stays.
    pub(crate) fn post(&self, service: &str, plan: &Plan) {
        let Some(end) = plan.minutes.last().map(|minute| minute.ts + Duration::minutes(1)) else { return };
        let changes = PlanStep::of(plan);
        let mut steps: Vec<Step> = Vec::new();
        let first = changes.first().filter(|first| plan.before_rise < first.replicas);
        steps.extend(first.map(|first| Step { replicas: plan.before_rise, ..step(first) }));
        for change in &changes {
            // A rise is due as late as the lead allows, to the second.
            let rises = steps.last().is_some_and(|before| before.replicas < change.replicas);
            let late = if rises { i64::from(plan.rise_seconds) } else { 0 };
            steps.push(Step { at: change.ts + Duration::seconds(late), ..step(change) });
        }
        let stale = match &plan.source {
            Source::Forecast => None,
            Source::LastPlan { why, .. } | Source::Fallback { why } => Some(why.clone()),
        };
        let mut posted = self.posted.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(earlier) = posted.get(service) {
            steps.extend(earlier.steps.iter().filter(|step| step.at >= end).cloned());
        }
        posted.insert(service.to_owned(), Posted { made_at: plan.made_at, stale, steps });
    }

    /// Posts stored plans that are newer than what is posted: what a program tells that was started again, until it has
    /// planned anew, and one for which another node plans.
    pub fn restore(&self, body: &PlanBody) {
        let Some(made_at) = body.made_at else { return };
        let mut posted = self.posted.write().unwrap_or_else(PoisonError::into_inner);
        for plan in &body.services {
            if posted.get(&plan.service).is_none_or(|known| known.made_at < made_at) {
                let restored = Posted { made_at, stale: None, steps: plan.steps.iter().map(step).collect() };
                posted.insert(plan.service.clone(), restored);
            }
        }
    }
}

impl PlanBoard {
    /// The capacity of a service, if it has one.
    pub(crate) fn capacity(&self, service: &str) -> Option<&ServiceCapacity> {
        self.config.services.get(service)
    }

    /// The replicas posted for a moment, whatever the mode.
    pub(crate) fn in_force(&self, service: &str, at: DateTime<Utc>) -> Option<u32> {
        let posted = self.posted.read().unwrap_or_else(PoisonError::into_inner);
        let steps = posted.get(service)?.steps.iter();
        steps.take_while(|step| step.at <= at).last().map(|step| step.replicas)
    }

    /// The steps posted for `from` and later.
    pub(crate) fn steps_from(&self, service: &str, from: DateTime<Utc>) -> Vec<Step> {
        let posted = self.posted.read().unwrap_or_else(PoisonError::into_inner);
        let steps = posted.get(service).map(|posted| posted.steps.as_slice()).unwrap_or_default();
        steps.iter().filter(|step| step.at >= from).cloned().collect()
    }
}

fn step(step: &PlanStep) -> Step {
    Step { at: step.ts, replicas: step.replicas, reason: step.reason.clone() }
}

impl Plans for PlanBoard {
    fn services(&self) -> Vec<Target> {
        self.config.services.keys().map(Target::service).collect()
    }

    fn wanted(&self, target: &Target, at: DateTime<Utc>) -> Result<Wanted, NoPlan> {
        let service = &target.service;
        let Some(capacity) = self.config.services.get(service) else {
            let known = self.config.services.keys().cloned().collect();
            return Err(NoPlan::UnknownService { service: service.clone(), known });
        };
        let planned = capacity.quantile();
        if let Some(quantile) = target.quantile.filter(|quantile| (quantile - planned).abs() > 5e-4) {
            return Err(NoPlan::UnknownQuantile { service: service.clone(), quantile, known: vec![planned] });
        }
        let posted = self.posted.read().unwrap_or_else(PoisonError::into_inner);
        let not_yet = |why: &str| NoPlan::NotYet { service: service.clone(), why: why.to_owned() };
        let Some(plan) = posted.get(service) else {
            return Err(not_yet("the first plan is made within a minute of the start"));
        };
        let due = plan.steps.partition_point(|step| step.at <= at);
        let Some(step) = due.checked_sub(1).map(|last| &plan.steps[last]) else {
            return Err(not_yet("the newest plan begins later"));
        };
        let told = |replicas, reason, ahead| Wanted {
            replicas,
            quantile: planned,
            reason,
            made_at: plan.made_at,
            stale: plan.stale.is_some(),
            ahead,
        };
        Ok(match capacity.mode {
            Mode::Act => told(step.replicas, step.reason.clone(), plan.steps[due..].to_vec()),
            // What is least never decides: an autoscaler takes the largest of its metrics.
            Mode::Shadow => {
                let Step { replicas, reason, .. } = step;
                let words = format!("shadow mode, not acted on: {replicas} replicas ({reason})");
                told(capacity.least(), words, Vec::new())
            }
        })
    }
}

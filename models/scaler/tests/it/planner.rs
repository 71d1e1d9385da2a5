//! A planner whose state the tests set, and a clock.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

use chrono::{DateTime, TimeDelta, TimeZone as _, Utc};
use headroom_scaler::{Desk, NoPlan, Plans, Policy, Step, Target, Wanted};

/// An FOMC afternoon: 12 replicas, 31 from 13:52 New York time on, 14 from 16:00 on.
pub(crate) fn noon() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 1, 28, 17, 0, 0).unwrap()
}

pub(crate) fn minutes(minutes: i64) -> TimeDelta {
    TimeDelta::minutes(minutes)
}

pub(crate) fn steps() -> Vec<Step> {
    let step = |after: i64, replicas: u32, reason: &str| Step {
        at: noon() + minutes(after),
        replicas,
        reason: reason.to_owned(),
    };
    vec![
        step(-60, 12, "an ordinary Wednesday"),
        step(112, 31, "FOMC 14:00 ET, class median 2.7x, q0.95, 12 -> 31 replicas by 13:52"),
        step(240, 14, "FOMC has passed: 31 -> 14 replicas"),
    ]
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// The plan is made anew each minute.
    Working,
    /// The plan says of itself that it is stale.
    Stale,
    /// The plans cannot be read.
    Down,
    /// No plan has been made yet.
    Starting,
}

pub(crate) struct Planner {
    pub(crate) state: Mutex<State>,
    pub(crate) steps: Mutex<Vec<Step>>,
    now: Arc<AtomicI64>,
}

impl Planner {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self {
            state: Mutex::new(State::Working),
            steps: Mutex::new(steps()),
            now: Arc::new(AtomicI64::new(noon().timestamp())),
        })
    }

    pub(crate) fn set(&self, state: State) {
        *self.state.lock().unwrap() = state;
    }

    pub(crate) fn plan(&self, replicas: u32) {
        *self.steps.lock().unwrap() =
            vec![Step { at: noon() - minutes(600), replicas, reason: format!("{replicas} replicas") }];
    }

    pub(crate) fn pass(&self, time: TimeDelta) {
        self.now.fetch_add(time.num_seconds(), Ordering::SeqCst);
    }

    /// A desk by the tests' clock.
    pub(crate) fn desk(self: &Arc<Self>, policy: Policy) -> Arc<Desk> {
        let now = self.now.clone();
        let clock = move || Utc.timestamp_opt(now.load(Ordering::SeqCst), 0).unwrap();
        Arc::new(Desk::new(self.clone(), policy).with_clock(clock))
    }
}

impl Plans for Planner {
    fn services(&self) -> Vec<Target> {
        vec![Target::service("gateway"), Target { service: "gateway".to_owned(), quantile: Some(0.5) }]
    }

    fn wanted(&self, target: &Target, at: DateTime<Utc>) -> Result<Wanted, NoPlan> {
        let state = *self.state.lock().unwrap();
        if state == State::Down {
            return Err(NoPlan::Unreachable { why: "the store does not answer".to_owned() });
        }
        if target.service != "gateway" {
            let known = vec!["gateway".to_owned()];
            return Err(NoPlan::UnknownService { service: target.service.clone(), known });
        }
        if state == State::Starting {
            let why = "the first forecast is being made".to_owned();
            return Err(NoPlan::NotYet { service: target.service.clone(), why });
        }
        let half = match target.quantile {
            None => 1,
            Some(0.5) => 2,
            Some(quantile) => {
                let service = target.service.clone();
                return Err(NoPlan::UnknownQuantile { service, quantile, known: vec![0.5, 0.95] });
            }
        };
        let steps = self.steps.lock().unwrap();
        let now = steps.iter().rev().find(|step| step.at <= at).unwrap_or(&steps[0]);
        Ok(Wanted {
            replicas: now.replicas / half,
            quantile: if half == 1 { 0.95 } else { 0.5 },
            reason: now.reason.clone(),
            made_at: at,
            stale: state == State::Stale,
            ahead: steps.iter().filter(|step| step.at > at).cloned().collect(),
        })
    }
}

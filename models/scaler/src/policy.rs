//! The limits within which an answer stays, and how long a plan counts.

use std::collections::BTreeMap;
use std::time::Duration;

/// Bounds of a service's replicas.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Fewest replicas; 0 counts as 1, because a plan never stops a service.
    pub min: u32,
    /// Most replicas: the budget.
    pub max: u32,
    /// Replicas when there is neither a plan nor a last plan. Without it such a question is refused, and the
    /// autoscaler keeps what runs.
    pub fallback: Option<u32>,
}

impl Bounds {
    /// `replicas` within the bounds. Where they contradict each other the minimum counts: too much is cheaper
    /// than too little.
    pub fn clamp(&self, replicas: u32) -> u32 {
        replicas.min(self.max).max(self.min).max(1)
    }
}

impl Default for Bounds {
    fn default() -> Self {
        Self { min: 1, max: 100, fallback: None }
    }
}

/// What the desk holds to.
#[derive(Debug, Clone, PartialEq)]
pub struct Policy {
    /// Age up to which a plan is fresh.
    pub fresh_for: Duration,
    /// Age up to which an old plan is still told as the last plan; then the fallback is.
    pub keep_for: Duration,
    /// Time after the start in which the fallback is not told yet: until then the first plan is waited for, so
    /// that a restart during an event does not scale in.
    pub settle: Duration,
    /// Share of a change in replicas that the autoscaler ignores; the Horizontal Pod Autoscaler's default is 0.1.
    pub tolerance: f64,
    /// Bounds of the services that have their own.
    pub services: BTreeMap<String, Bounds>,
    /// Bounds of the others.
    pub others: Bounds,
    /// How often an open stream looks for a change.
    pub stream_interval: Duration,
    /// Most streams open at once.
    pub max_streams: usize,
}

impl Policy {
    /// The bounds of a service.
    pub fn bounds(&self, service: &str) -> Bounds {
        self.services.get(service).copied().unwrap_or(self.others)
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            fresh_for: Duration::from_mins(15),
            keep_for: Duration::from_hours(24),
            settle: Duration::from_mins(1),
            tolerance: 0.1,
            services: BTreeMap::new(),
            others: Bounds::default(),
            stream_interval: Duration::from_secs(5),
            max_streams: 2048,
        }
    }
}

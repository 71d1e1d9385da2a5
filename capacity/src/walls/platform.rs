//! What was measured, and today's peak.

use chrono::{DateTime, Utc};
use headroom_query::TimeRange;
use headroom_query::capacity::{CallGraph, ResourceSeries, ServiceTraffic};
use serde::Serialize;
use utoipa::ToSchema;

use super::dates::{Ahead, Trend};

/// Seconds of demand that a peak is the mean of: short enough for the rush after an open, long enough that a
/// handful of requests more or less does not make it.
const PEAK_SECONDS: i64 = 300;

/// Everything that walls are worked out from.
#[derive(Debug, Clone)]
pub struct Platform {
    /// What was looked at.
    pub range: TimeRange,
    /// When.
    pub made_at: DateTime<Utc>,
    /// Every service's requests.
    pub services: Vec<ServiceTraffic>,
    /// Every resource that is reported.
    pub resources: Vec<ResourceSeries>,
    /// Who calls whom.
    pub graph: CallGraph,
    /// How demand grows by itself.
    pub trend: Trend,
    /// What is forecast for each service.
    pub ahead: Vec<Ahead>,
}

/// The busiest five minutes of a service, or the busiest step where steps are longer.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, ToSchema)]
pub struct Peak {
    /// Requests a second in the mean.
    pub per_second: f64,
    /// When it began.
    pub at: DateTime<Utc>,
}

impl Platform {
    /// A service's traffic, if it had any.
    pub(crate) fn service(&self, name: &str) -> Option<&ServiceTraffic> {
        self.services.iter().find(|service| service.service == name)
    }
}

/// Seconds of the window of a peak over steps of this width.
pub(crate) fn peak_window(step_seconds: i64) -> i64 {
    (PEAK_SECONDS / step_seconds.max(1)).max(1) * step_seconds
}

/// The peak of a service. Steps without requests count as such.
pub(crate) fn peak(traffic: &ServiceTraffic) -> Option<Peak> {
    let steps = &traffic.steps;
    let window = peak_window(traffic.step_seconds);
    let (mut first, mut calls) = (0, 0);
    let mut best: Option<Peak> = None;
    for last in 0..steps.len() {
        calls += steps[last].calls;
        while (steps[last].ts - steps[first].ts).num_seconds() >= window {
            calls -= steps[first].calls;
            first += 1;
        }
        let per_second = calls as f64 / window as f64;
        if best.is_none_or(|best| per_second > best.per_second) {
            best = Some(Peak { per_second, at: steps[first].ts });
        }
    }
    best
}

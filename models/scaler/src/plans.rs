//! Where the wanted replicas come from: the seam between the planner and the doors of this crate.

use chrono::{DateTime, Utc};
use serde::Serialize;

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Target {
    /// The service, by the name it is planned under.
    pub service: String,
    /// Demand quantile in (0, 1) to provision for; without one, the one the service is planned at.
    pub quantile: Option<f64>,
}

impl Target {
    /// The service at the quantile it is planned at.
    pub fn service(name: impl Into<String>) -> Self {
        Self { service: name.into(), quantile: None }
    }
}

/// A change of the planned replicas.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Step {
    /// From when on: when the replicas are to be asked for, ahead of the demand.
    pub at: DateTime<Utc>,
    /// Replicas planned from then on.
    pub replicas: u32,
    /// Why, in a sentence.
    pub reason: String,
}

/// What a plan says about a moment.
#[derive(Debug, Clone, PartialEq)]
pub struct Wanted {
    /// Replicas planned for the moment asked about.
    pub replicas: u32,
    /// The demand quantile they are planned at.
    pub quantile: f64,
    /// Why, in a sentence.
    pub reason: String,
    /// When the plan was made.
    pub made_at: DateTime<Utc>,
    /// Whether the planner itself says that the plan should no longer be trusted, because its data is old or its
    /// model fails.
    pub stale: bool,
    /// The steps after the moment asked about, in the order of time.
    pub ahead: Vec<Step>,
}

impl Wanted {
    /// Replicas and reason at a later moment, by the steps that have come due since.
    pub(crate) fn at(&self, at: DateTime<Utc>) -> (u32, &str) {
        let due = self.ahead.iter().take_while(|step| step.at <= at).last();
        due.map_or((self.replicas, &self.reason), |step| (step.replicas, &step.reason))
    }
}

/// Why there is no plan to tell.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum NoPlan {
    /// Nobody plans this service.
    #[error(
        "service `{service}` is not planned: add [models.services.{service}] with requests_per_minute to \
         Headroom's configuration, or name one of: {}",
        listed(known)
    )]
    UnknownService {
        /// The name asked for.
        service: String,
        /// The services that are planned.
        known: Vec<String>,
    },
    /// The service is not planned at this quantile.
    #[error(
        "service `{service}` is not planned at quantile {quantile}: leave it out, or take one of: {}",
        listed(known)
    )]
    UnknownQuantile {
        /// The service.
        service: String,
        /// The quantile asked for.
        quantile: f64,
        /// The quantiles it is planned at.
        known: Vec<f64>,
    },
    /// The service is planned, but no plan has been made.
    #[error("no plan of service `{service}` has been made yet: {why}")]
    NotYet {
        /// The service.
        service: String,
        /// What is being waited for.
        why: String,
    },
    /// The plans cannot be read.
    #[error("plans cannot be read: {why}")]
    Unreachable {
        /// What failed.
        why: String,
    },
}

fn listed<T: ToString>(known: &[T]) -> String {
    if known.is_empty() {
        return "(none is planned yet)".to_owned();
    }
    known.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// The plans that the doors tell.
///
/// Both methods are called on the threads that serve calls: they answer from memory and do not wait.
pub trait Plans: Send + Sync {
    /// What is planned: a target without a quantile for each service, and one more for each further quantile.
    fn services(&self) -> Vec<Target>;

    /// What the newest plan says about `at`.
    ///
    /// # Errors
    /// [`NoPlan`], with what to do.
    fn wanted(&self, target: &Target, at: DateTime<Utc>) -> Result<Wanted, NoPlan>;
}

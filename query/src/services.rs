//! Services by rate, errors and duration: what they do, what fails, what changed.
//!
//! Everything here reads the minute rollups (`span_minute` for calls and errors, the
//! latency buckets for durations); only the list of error messages reads spans, and of
//! those only the failed ones of one service, and deployments that were told are events.

mod arrived;
mod changes;
mod delivery;
mod deployments;
mod deploys;
mod errors;
mod list;
mod operations;
mod pace;
mod series;
#[cfg(test)]
mod tests;
mod told;

pub use arrived::arrived;
pub use changes::Changes;
pub use delivery::{Delivery, delivery};
pub use deploys::{Deploy, changes, read as deploys, read_all as deploys_of};
pub use errors::{ErrorGroup, ErrorPoint, Errors, errors, template};
pub use list::{ServiceRow, Services, list};
pub use operations::{OperationRow, Operations, operations};
pub use pace::{FailBand, Pace, Within};
pub use series::{SeriesPoint, ServiceSeries, series};
pub use told::{Status as DeploymentStatus, Unplanned};

/// Share of failed calls; `None` when there were no calls.
fn error_rate(calls: u64, errors: u64) -> Option<f64> {
    (calls > 0).then(|| errors as f64 / calls as f64)
}

/// A percentile as it stands in a table cell, in nanoseconds.
pub(crate) fn percentile(buckets: &crate::latency::Buckets, q: f64) -> Option<u64> {
    buckets.quantile(q).map(|estimate| estimate.value_ns.round() as u64)
}

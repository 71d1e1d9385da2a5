//! How far a pool may be filled.
//!
//! The knee is not a fixed share such as 70 %: the target utilisation rises with the size of the pool. Of the
//! requests to one server that is 10 % busy a tenth has to wait, and so it is with 16 servers at 67 % and with 115
//! at 87 %: in a large pool someone is nearly always just done. A small pool at 70 % is slow, and a large one wastes.

#[cfg(test)]
mod tests;

use serde::Serialize;
use utoipa::ToSchema;

use super::figures::{figure, percent};
use super::queue::{QueueError, largest_offered, mean_wait};

/// The most that a system takes before an objective is missed.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Knee {
    /// Requests a second.
    pub throughput: f64,
    /// Share of its servers that are busy then.
    pub utilisation: f64,
    /// A sentence with figures.
    pub why: String,
}

/// Why there is no knee.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum KneeError {
    /// The objective is missed without any load.
    #[error(
        "a request takes {} s when nothing else runs, and the objective is {} s: no rate meets it; make the request faster or the objective longer",
        figure(*idle),
        figure(*target)
    )]
    BelowIdle {
        /// The objective in seconds.
        target: f64,
        /// What a request takes alone, in seconds.
        idle: f64,
    },
    /// The pool is not one.
    #[error(transparent)]
    Queue(#[from] QueueError),
}

/// The rate at which a share `max_wait_probability` of the requests to a pool has to wait. `service_time` is the mean
/// in seconds.
pub fn by_wait(servers: u32, service_time: f64, max_wait_probability: f64) -> Result<Knee, KneeError> {
    // Nothing waits at rate 0; this checks what was given.
    mean_wait(servers, 0.0, service_time)?;
    let offered = largest_offered(servers, max_wait_probability)?;
    let utilisation = offered / f64::from(servers);
    Ok(Knee {
        throughput: offered / service_time,
        utilisation,
        why: format!(
            "{} of the requests wait when {} {} busy",
            percent(max_wait_probability),
            pool(servers),
            percent(utilisation)
        ),
    })
}

/// The rate at which the mean response of a pool, waiting and service, reaches a target. Times in seconds.
pub fn by_latency(servers: u32, service_time: f64, target: f64) -> Result<Knee, KneeError> {
    mean_wait(servers, 0.0, service_time)?;
    let response = |rate| mean_wait(servers, rate, service_time).map(|wait| wait + service_time);
    let capacity = f64::from(servers) / service_time;
    let throughput = rate_at(capacity, service_time, target, response)?;
    let utilisation = throughput / capacity;
    Ok(Knee {
        throughput,
        utilisation,
        why: format!(
            "the mean response reaches {} s when {} {} busy; {} s of it are service",
            figure(target),
            pool(servers),
            percent(utilisation),
            figure(service_time)
        ),
    })
}

/// The largest rate below a capacity at which a rising response does not exceed a target.
pub(super) fn rate_at(
    capacity: f64,
    idle: f64,
    target: f64,
    response: impl Fn(f64) -> Result<f64, QueueError>,
) -> Result<f64, KneeError> {
    if !target.is_finite() {
        return Err(QueueError::Input { name: "target", value: target, range: "a number of seconds" }.into());
    }
    if target <= idle {
        return Err(KneeError::BelowIdle { target, idle });
    }
    let (mut low, mut high) = (0.0, capacity);
    for _ in 0..60 {
        let middle = 0.5 * (low + high);
        // Saturated is too slow.
        if response(middle).is_ok_and(|response| response <= target) {
            low = middle;
        } else {
            high = middle;
        }
    }
    Ok(low)
}

fn pool(servers: u32) -> String {
    if servers == 1 { "the one server is".to_owned() } else { format!("the {servers} servers are") }
}

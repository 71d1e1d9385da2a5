//! Where a resource's knee and its limit lie.

use crate::curve::queue;

/// Callers give up on what takes so many times its usual time: timeouts of seconds stand before work of tens of
/// milliseconds.
const PATIENCE: f64 = 100.0;
/// Where so many give up, the error budget of a common objective is spent.
const GIVING_UP: f64 = 0.01;

/// Where waiting begins.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Knee {
    /// This share of requests waits (Erlang C).
    Waiting(f64),
    /// Work takes so many times its idle duration: `1 / (1 - utilisation^servers)`.
    Stretch(f64),
    /// This share is in use.
    Share(f64),
}

impl Knee {
    /// The utilisation at the knee of a queue with so many servers.
    pub(crate) fn utilisation(self, servers: f64) -> f64 {
        let whole = whole(servers);
        match self {
            Self::Waiting(share) => queue::target_utilisation(whole, share).unwrap_or(share),
            Self::Stretch(times) => (1.0 - 1.0 / times).powf(1.0 / f64::from(whole)),
            Self::Share(share) => share,
        }
    }

    /// The utilisation at which it breaks. Nobody queues for a share of something; a queue is endless before all of
    /// its servers are busy all of the time, and one with few servers sooner than one with many.
    pub(crate) fn limit(self, servers: f64) -> f64 {
        match self {
            Self::Waiting(_) | Self::Stretch(_) => {
                queue::giving_up_utilisation(whole(servers), PATIENCE, GIVING_UP).unwrap_or(1.0)
            }
            Self::Share(_) => 1.0,
        }
    }
}

/// Servers as Erlang counts them. His figures hardly move beyond the most, and larger pools are not computed.
fn whole(servers: f64) -> u32 {
    (servers.floor() as u32).clamp(1, queue::MOST_SERVERS)
}

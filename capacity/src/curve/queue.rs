//! Queues with servers: Erlang's formulas, and how large a pool must be.
//!
//! A pool of `servers` (threads, connections, replicas) takes requests that come at `arrival_rate` a second and
//! hold a server for `service_time` seconds on average. The load it is *offered* is the product, in erlangs: the
//! servers that would be busy if none ever had to wait. Arrivals are Poisson, service times exponential and the
//! queue is endless (M/M/c); [`general_wait`] corrects for other spreads.
//!
//! Formulas: A. K. Erlang (1917), in the stable recursion of the blocking probability; Little's law (1961); the
//! correction of Allen and Cunneen (A. O. Allen, Probability, Statistics and Queueing Theory, 1990).

#[cfg(test)]
mod tests;

/// The largest pool that is computed.
pub const MOST_SERVERS: u32 = 100_000;

/// Why a queue has no answer.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum QueueError {
    /// More work comes than the pool can do: the queue grows without end and no mean wait exists.
    #[error(
        "{offered} erlangs are offered to a pool of {servers} and its queue grows without end; add servers or take work away"
    )]
    Saturated {
        /// The pool.
        servers: u32,
        /// What it is offered, in erlangs.
        offered: f64,
    },
    /// A figure outside its range.
    #[error("{name} is {value}, but must be {range}")]
    Input {
        /// Which figure.
        name: &'static str,
        /// What was given.
        value: f64,
        /// What is allowed.
        range: &'static str,
    },
}

/// The probability that a request finds all servers busy and is turned away (Erlang B, a loss system), for
/// `offered` erlangs.
pub fn blocking_probability(servers: u32, offered: f64) -> Result<f64, QueueError> {
    check_servers(servers)?;
    at_least_zero("offered", offered)?;
    Ok(blocking(servers, offered))
}

/// The probability that a request has to wait (Erlang C), for `offered` erlangs. A pool that is offered as much as
/// it has servers, or more, makes everyone wait: 1.
pub fn wait_probability(servers: u32, offered: f64) -> Result<f64, QueueError> {
    check_servers(servers)?;
    at_least_zero("offered", offered)?;
    Ok(waiting(servers, offered))
}

/// The mean wait of a request before its service begins, in seconds, those that do not wait included.
pub fn mean_wait(servers: u32, arrival_rate: f64, service_time: f64) -> Result<f64, QueueError> {
    let (waits, drain) = queue(servers, arrival_rate, service_time)?;
    Ok(waits / drain)
}

/// The wait that a share `quantile` of the requests does not exceed, in seconds; 0 where so many do not wait.
pub fn wait_quantile(
    servers: u32,
    arrival_rate: f64,
    service_time: f64,
    quantile: f64,
) -> Result<f64, QueueError> {
    if !(0.0..1.0).contains(&quantile) {
        return Err(QueueError::Input { name: "quantile", value: quantile, range: "from 0 to below 1" });
    }
    let (waits, drain) = queue(servers, arrival_rate, service_time)?;
    Ok(((waits / (1.0 - quantile)).ln() / drain).max(0.0))
}

/// The mean wait for arrivals and services of any spread, in seconds, by the approximation of Allen and Cunneen:
/// that of M/M/c times the mean of the two squared coefficients of variation (variance over squared mean; 1 is
/// Poisson or exponential, 0 a clockwork). With one server and Poisson arrivals it is exact.
pub fn general_wait(
    servers: u32,
    arrival_rate: f64,
    service_time: f64,
    arrival_cv2: f64,
    service_cv2: f64,
) -> Result<f64, QueueError> {
    at_least_zero("arrival_cv2", arrival_cv2)?;
    at_least_zero("service_cv2", service_cv2)?;
    let wait = mean_wait(servers, arrival_rate, service_time)? * 0.5 * (arrival_cv2 + service_cv2);
    if wait.is_finite() {
        Ok(wait)
    } else {
        Err(QueueError::Input { name: "service_cv2", value: service_cv2, range: "of a size that occurs" })
    }
}

/// Little's law: how many requests are in a system at once, if they come at `arrival_rate` a second and stay for
/// `residence` seconds on average.
pub fn concurrency(arrival_rate: f64, residence: f64) -> Result<f64, QueueError> {
    at_least_zero("arrival_rate", arrival_rate)?;
    at_least_zero("residence", residence)?;
    at_least_zero("arrival_rate * residence", arrival_rate * residence)?;
    Ok(arrival_rate * residence)
}

/// The fewest servers with which at most a share `max_wait_probability` of the requests waits.
pub fn servers_for(offered: f64, max_wait_probability: f64) -> Result<u32, QueueError> {
    at_least_zero("offered", offered)?;
    check_probability(max_wait_probability)?;
    let mut blocking = 1.0;
    for servers in 1..=MOST_SERVERS {
        blocking = blocking_step(blocking, servers, offered);
        if delayed(servers, offered, blocking) <= max_wait_probability {
            return Ok(servers);
        }
    }
    Err(QueueError::Input { name: "offered", value: offered, range: "what 100000 servers can carry" })
}

/// The largest load, in erlangs, of which at most a share `max_wait_probability` of the requests waits.
pub fn largest_offered(servers: u32, max_wait_probability: f64) -> Result<f64, QueueError> {
    check_servers(servers)?;
    check_probability(max_wait_probability)?;
    let (mut low, mut high) = (0.0, f64::from(servers));
    for _ in 0..60 {
        let middle = 0.5 * (low + high);
        if waiting(servers, middle) <= max_wait_probability {
            low = middle;
        } else {
            high = middle;
        }
    }
    Ok(low)
}

/// The share of a pool that is busy on average when a share `giving_up` of the requests waits longer than `patience`
/// times the work it waits for.
///
/// Of those that wait, `exp(-(servers - offered) x patience)` wait longer; that everyone waits is assumed, as nearly
/// everyone does so near to saturation, which errs to the safe side and spares a search.
pub fn giving_up_utilisation(servers: u32, patience: f64, giving_up: f64) -> Result<f64, QueueError> {
    check_servers(servers)?;
    check_probability(giving_up)?;
    at_least_zero("patience", patience)?;
    Ok((1.0 + giving_up.ln() / (patience * f64::from(servers))).max(0.0))
}

/// The share of a pool that may be busy on average so that at most a share `max_wait_probability` of the requests
/// waits. It rises with the size of the pool: a large pool may run hotter than a small one.
pub fn target_utilisation(servers: u32, max_wait_probability: f64) -> Result<f64, QueueError> {
    Ok(largest_offered(servers, max_wait_probability)? / f64::from(servers))
}

/// Erlang B by its recursion over the servers, in which nothing overflows.
fn blocking(servers: u32, offered: f64) -> f64 {
    (1..=servers).fold(1.0, |blocking, server| blocking_step(blocking, server, offered))
}

fn blocking_step(blocking: f64, server: u32, offered: f64) -> f64 {
    // An endless load blocks everyone; the quotient would be inf/inf.
    let work = (offered * blocking).min(f64::MAX);
    work / (f64::from(server) + work)
}

/// Erlang C from Erlang B.
fn delayed(servers: u32, offered: f64, blocking: f64) -> f64 {
    let utilisation = offered / f64::from(servers);
    if utilisation >= 1.0 {
        return 1.0;
    }
    blocking / (1.0 - utilisation * (1.0 - blocking))
}

/// Erlang C of a checked pool.
pub(super) fn waiting(servers: u32, offered: f64) -> f64 {
    if offered >= f64::from(servers) {
        return 1.0;
    }
    delayed(servers, offered, blocking(servers, offered))
}

/// The probability to wait, and the rate at which a queue drains while all servers are busy.
fn queue(servers: u32, arrival_rate: f64, service_time: f64) -> Result<(f64, f64), QueueError> {
    check_servers(servers)?;
    at_least_zero("arrival_rate", arrival_rate)?;
    if !(1e-12..=1e12).contains(&service_time) {
        return Err(QueueError::Input {
            name: "service_time",
            value: service_time,
            range: "in seconds, from 1e-12 to 1e12",
        });
    }
    let offered = arrival_rate * service_time;
    at_least_zero("arrival_rate * service_time", offered)?;
    // Written so that rounding cannot make a drain of 0 or less pass.
    let drain = (f64::from(servers) - offered) / service_time;
    if drain <= 0.0 {
        return Err(QueueError::Saturated { servers, offered });
    }
    Ok((waiting(servers, offered), drain))
}

fn check_servers(servers: u32) -> Result<(), QueueError> {
    if (1..=MOST_SERVERS).contains(&servers) {
        return Ok(());
    }
    Err(QueueError::Input { name: "servers", value: f64::from(servers), range: "from 1 to 100000" })
}

fn check_probability(probability: f64) -> Result<(), QueueError> {
    if probability > 0.0 && probability < 1.0 {
        return Ok(());
    }
    Err(QueueError::Input {
        name: "max_wait_probability",
        value: probability,
        range: "between 0 and 1, as 0.1 for 10 %",
    })
}

fn at_least_zero(name: &'static str, value: f64) -> Result<(), QueueError> {
    if value.is_finite() && value >= 0.0 {
        return Ok(());
    }
    Err(QueueError::Input { name, value, range: "a number from 0 up" })
}

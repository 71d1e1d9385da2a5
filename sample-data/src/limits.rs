//! Real limits: connections, locks and cores that requests queue for, so that
//! the platform has a wall that is known, shows at low traffic and holds when
//! it is pushed against.
//!
//! Each limited resource is one queue for the whole platform, all regions
//! together: `servers` of them, first come first served, a wait beyond the
//! timeout given up. With Poisson arrivals it is the M/G/c queue of the
//! textbooks; it saturates at `servers / hold` visits a second.
//!
//! - A **pool** is that of the service's database, such as a pooler keeps that
//!   all its instances share. Each statement takes a connection first; it waits
//!   inside the server span, before the statement's own span starts, and keeps
//!   the connection as long as the statement takes.
//! - A **lock** is one section that a single request at a time may be in. Each
//!   server or consumer span of the service passes it once. Only latency tells.
//! - A **cpu** is `replicas` × `cores` cores. Each server or consumer span of
//!   the service first needs its `work` on one of them, on top of the time it
//!   spends otherwise. The service then has `replicas` instances, wherever the
//!   request comes from.
//!
//! Who gives up has status 503 and the exception `PoolTimeout`, `LockTimeout` or
//! `Overloaded`. Nothing is tried again, so beyond the wall the queue stays as
//! long as the timeout allows.

mod file;
mod queue;
mod usage;
mod walls;

use std::collections::BTreeMap;
use std::fmt;
use std::num::{NonZeroU16, NonZeroU32};
use std::time::Duration;

use rand::Rng;
use rand_distr::{Distribution, Exp1, StandardNormal};
use serde::Deserialize;

use crate::topology::Service;

pub(crate) use queue::{Answer, Ask, Resources};
pub(crate) use usage::{Reading, TIME_BOUNDS, Times};
pub use walls::{Mix, Wall};

/// How long a request waits for a resource when nothing else is said.
pub const TIMEOUT: Duration = Duration::from_secs(10);

/// Spread of the lognormal times: that of the platform's own statements.
pub(crate) const SIGMA: f64 = 0.55;

/// The limits of a platform; empty by default.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Limits {
    /// Connection pools, by the service that keeps the database.
    pub pools: BTreeMap<Service, Pool>,
    /// Serialised sections, by service.
    pub locks: BTreeMap<Service, Lock>,
    /// Cores, by service.
    pub cpus: BTreeMap<Service, Cpu>,
}

/// The connections to a service's database.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pool {
    /// How many there are.
    pub size: NonZeroU32,
    /// How long a statement keeps one.
    pub hold: Hold,
    /// How long a request waits for one.
    pub timeout: Duration,
}

/// A section that one request at a time may be in.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lock {
    /// How long a request is in it.
    pub hold: Time,
    /// How long a request waits to get in.
    pub timeout: Duration,
}

/// The cores a service runs on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cpu {
    /// Instances.
    pub replicas: NonZeroU16,
    /// Cores of each.
    pub cores: NonZeroU16,
    /// What a request needs of one core.
    pub work: Time,
    /// How long a request waits for a core.
    pub timeout: Duration,
}

/// How long a statement takes, and keeps its connection.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Hold {
    /// The statement's own time, this many times over.
    Own(f64),
    /// A time of the pool's, the same for all statements.
    Given(Time),
}

/// A random time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Time {
    /// Its mean.
    pub mean: Duration,
    /// Its distribution.
    pub spread: Spread,
}

/// The distribution of a time around its mean.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Spread {
    /// Exponential: coefficient of variation 1.
    #[default]
    Exponential,
    /// Lognormal with sigma 0.55: coefficient of variation 0.59.
    Lognormal,
}

/// What a resource is a limit of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// Database connections.
    Pool,
    /// A serialised section.
    Lock,
    /// Cores.
    Cpu,
}

/// A limited resource; displayed as in the file, `pool.order`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Resource {
    /// What is limited.
    pub kind: Kind,
    /// Whose it is.
    pub service: Service,
}

impl fmt::Display for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.kind {
            Kind::Pool => "pool",
            Kind::Lock => "lock",
            Kind::Cpu => "cpu",
        };
        write!(f, "{kind}.{}", self.service.name())
    }
}

impl Limits {
    /// Whether nothing is limited.
    pub fn is_empty(&self) -> bool {
        self.pools.is_empty() && self.locks.is_empty() && self.cpus.is_empty()
    }

    /// Every limited resource with how many requests it serves at once and how
    /// long one waits for it.
    pub(crate) fn resources(&self) -> impl Iterator<Item = (Resource, u32, Duration)> {
        let of = |kind, service: &Service| Resource { kind, service: *service };
        let pools = self.pools.iter().map(move |(s, p)| (of(Kind::Pool, s), p.size.get(), p.timeout));
        let locks = self.locks.iter().map(move |(s, l)| (of(Kind::Lock, s), 1, l.timeout));
        let cpus = self.cpus.iter().map(move |(s, c)| (of(Kind::Cpu, s), c.servers(), c.timeout));
        pools.chain(locks).chain(cpus)
    }
}

impl Cpu {
    /// All cores.
    pub(crate) fn servers(&self) -> u32 {
        u32::from(self.replicas.get()) * u32::from(self.cores.get())
    }
}

impl Time {
    /// A time in nanoseconds, at least a microsecond.
    pub(crate) fn draw(&self, rng: &mut impl Rng) -> i64 {
        let times = match self.spread {
            Spread::Exponential => Exp1.sample(rng),
            Spread::Lognormal => {
                let z: f64 = StandardNormal.sample(rng);
                // The mean of exp(sigma z) is exp(sigma² / 2).
                (SIGMA * z - SIGMA * SIGMA / 2.0).exp()
            }
        };
        (self.mean.as_secs_f64() * 1e9 * times) as i64 + 1_000
    }
}

#[cfg(test)]
mod tests;

//! Limits as a TOML file.

use std::collections::BTreeMap;
use std::num::{NonZeroU16, NonZeroU32};
use std::ops::RangeInclusive;
use std::time::Duration;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use toml::Spanned;

use super::{Cpu, Hold, Limits, Lock, Pool, Spread, TIMEOUT, Time};
use crate::topology::Service;
use crate::{Result, SampleError};

/// No file of limits is longer.
const MAX_BYTES: usize = 64 * 1024;
/// No pool is larger, no time longer than an hour.
const MAX_SIZE: u32 = 10_000;
const TIMES_MS: RangeInclusive<f64> = 0.001..=3_600_000.0;
const FACTORS: RangeInclusive<f64> = 0.001..=1_000.0;
/// An instance is picked by one random byte.
const MAX_REPLICAS: u32 = 64;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    pool: Section<PoolEntry>,
    #[serde(default)]
    lock: Section<LockEntry>,
    #[serde(default)]
    cpu: Section<CpuEntry>,
}

type Section<T> = BTreeMap<Spanned<String>, T>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PoolEntry {
    size: Spanned<u32>,
    hold_ms: Option<Spanned<f64>>,
    factor: Option<Spanned<f64>>,
    distribution: Option<Spanned<Spread>>,
    timeout_ms: Option<Spanned<f64>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LockEntry {
    hold_ms: Spanned<f64>,
    distribution: Option<Spanned<Spread>>,
    timeout_ms: Option<Spanned<f64>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CpuEntry {
    replicas: Spanned<u32>,
    cores: Spanned<u32>,
    work_ms: Spanned<f64>,
    distribution: Option<Spanned<Spread>>,
    timeout_ms: Option<Spanned<f64>>,
}

impl Limits {
    /// Reads limits from TOML; `name` is what errors call the file.
    ///
    /// ```toml
    /// [pool.order]                   # connections to the database of the service `order`
    /// size = 6
    /// hold_ms = 40                   # mean time a statement takes; or factor = 2.0: its own, doubled
    /// distribution = "exponential"   # or "lognormal"; goes with hold_ms
    /// timeout_ms = 10000             # a request waits no longer
    ///
    /// [lock.risk]                    # one request at a time
    /// hold_ms = 5                    # distribution and timeout_ms as above
    ///
    /// [cpu.gateway]
    /// replicas = 2                   # instances of the service, over all regions
    /// cores = 2                      # of each
    /// work_ms = 3                    # mean time a request needs of one core; the rest as above
    /// ```
    ///
    /// # Errors
    ///
    /// [`SampleError::Limits`] with the line: no TOML, an unknown section, key or
    /// service, a pool for a service without a database, a size of zero, a
    /// number out of range, two ways to say how long a connection is held.
    pub fn parse(name: &str, text: &str) -> Result<Self> {
        let source = Source { name, text };
        if text.len() > MAX_BYTES {
            return Err(source.refuse(0, format!("the file is longer than {MAX_BYTES} bytes")));
        }
        let File { pool, lock, cpu } = source.read()?;
        Ok(Self {
            pools: source.section(pool, |service, at, entry| {
                if service.profile().database.is_none() {
                    let known = names(|s| s.profile().database.is_some());
                    let said = format!("`{}` keeps no database; those that do: {known}", service.name());
                    return Err(source.refuse(at, said));
                }
                source.pool(&entry)
            })?,
            locks: source.section(lock, |_, _, entry| source.lock(&entry))?,
            cpus: source.section(cpu, |_, _, entry| source.cpu(&entry))?,
        })
    }
}

struct Source<'a> {
    name: &'a str,
    text: &'a str,
}

impl Source<'_> {
    fn refuse(&self, offset: usize, reason: impl Into<String>) -> SampleError {
        let line = 1 + self.text.as_bytes().iter().take(offset).filter(|b| **b == b'\n').count();
        SampleError::Limits { file: self.name.to_owned(), line, reason: reason.into() }
    }

    fn read<T: DeserializeOwned>(&self) -> Result<T> {
        toml::from_str(self.text)
            .map_err(|e| self.refuse(e.span().map_or(0, |s| s.start), e.message().replace('\n', "; ")))
    }

    fn section<E, T>(
        &self,
        section: Section<E>,
        entry: impl Fn(Service, usize, E) -> Result<T>,
    ) -> Result<BTreeMap<Service, T>> {
        let one = |(key, value): (Spanned<String>, E)| {
            let (at, name) = (key.span().start, key.into_inner());
            let service = Service::ALL.into_iter().find(|s| s.name() == name).ok_or_else(|| {
                self.refuse(at, format!("no service is called `{name}`; there are {}", names(|_| true)))
            })?;
            Ok((service, entry(service, at, value)?))
        };
        section.into_iter().map(one).collect()
    }

    fn pool(&self, entry: &PoolEntry) -> Result<Pool> {
        let hold = match (&entry.hold_ms, &entry.factor) {
            (Some(_), Some(factor)) => {
                return Err(self.refuse(factor.span().start, "give `hold_ms` or `factor`, not both"));
            }
            (Some(mean), None) => Hold::Given(self.time("hold_ms", mean, entry.distribution.as_ref())?),
            (None, factor) => {
                if let Some(distribution) = &entry.distribution {
                    let said = "`distribution` goes with `hold_ms`; a statement's own time is lognormal";
                    return Err(self.refuse(distribution.span().start, said));
                }
                let factor = factor.as_ref().map(|f| self.within("factor", f, &FACTORS)).transpose()?;
                Hold::Own(factor.unwrap_or(1.0))
            }
        };
        let size = self.whole("size", &entry.size, MAX_SIZE)?;
        Ok(Pool { size, hold, timeout: self.timeout(entry.timeout_ms.as_ref())? })
    }

    fn lock(&self, entry: &LockEntry) -> Result<Lock> {
        Ok(Lock {
            hold: self.time("hold_ms", &entry.hold_ms, entry.distribution.as_ref())?,
            timeout: self.timeout(entry.timeout_ms.as_ref())?,
        })
    }

    fn cpu(&self, entry: &CpuEntry) -> Result<Cpu> {
        // Within the ranges given the narrow number always fits.
        let narrow = |n: NonZeroU32| NonZeroU16::try_from(n).unwrap_or(NonZeroU16::MAX);
        Ok(Cpu {
            replicas: narrow(self.whole("replicas", &entry.replicas, MAX_REPLICAS)?),
            cores: narrow(self.whole("cores", &entry.cores, MAX_SIZE)?),
            work: self.time("work_ms", &entry.work_ms, entry.distribution.as_ref())?,
            timeout: self.timeout(entry.timeout_ms.as_ref())?,
        })
    }

    fn time(&self, key: &str, mean: &Spanned<f64>, spread: Option<&Spanned<Spread>>) -> Result<Time> {
        let mean = self.milliseconds(key, mean)?;
        Ok(Time { mean, spread: spread.map_or_else(Spread::default, |s| *s.get_ref()) })
    }

    fn timeout(&self, value: Option<&Spanned<f64>>) -> Result<Duration> {
        value.map_or(Ok(TIMEOUT), |value| self.milliseconds("timeout_ms", value))
    }

    fn milliseconds(&self, key: &str, value: &Spanned<f64>) -> Result<Duration> {
        Ok(Duration::from_secs_f64(self.within(key, value, &TIMES_MS)? / 1e3))
    }

    fn within(&self, key: &str, value: &Spanned<f64>, range: &RangeInclusive<f64>) -> Result<f64> {
        let number = *value.get_ref();
        if range.contains(&number) {
            return Ok(number);
        }
        let said = format!("`{key}` is {number}: give a number from {} to {}", range.start(), range.end());
        Err(self.refuse(value.span().start, said))
    }

    fn whole(&self, key: &str, value: &Spanned<u32>, most: u32) -> Result<NonZeroU32> {
        let number = *value.get_ref();
        NonZeroU32::new(number).filter(|n| n.get() <= most).ok_or_else(|| {
            let said = format!("`{key}` is {number}: give a whole number from 1 to {most}");
            self.refuse(value.span().start, said)
        })
    }
}

fn names(keep: impl Fn(Service) -> bool) -> String {
    let names: Vec<_> = Service::ALL.into_iter().filter(|s| keep(*s)).map(Service::name).collect();
    names.join(", ")
}

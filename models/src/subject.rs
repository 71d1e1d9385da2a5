//! What is forecast: the requests of a service, or a series of the configuration.

use chrono::{DateTime, Utc};
use headroom_query::measures::{self, Minute};
use headroom_query::{TimeRange, rates};
use headroom_store::Store;

use crate::config::{ModelsConfig, SeriesConfig};
use crate::error::Result;
use crate::series::Series;

/// The metric of requests that a service receives per minute, as it is stored; no series may have this name.
pub(crate) const REQUESTS: &str = "requests_per_minute";

/// A series of numbers that is forecast: what it is called, and how it is measured.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// Requests that this service receives per minute.
    Requests(String),
    /// A series of `[models.series]`, by its name.
    Series(String, SeriesConfig),
}

impl Subject {
    /// The series of this name in the configuration; without one, the requests of the service of this name.
    pub fn named(config: &ModelsConfig, name: &str) -> Self {
        match config.series.get(name) {
            Some(series) => Self::Series(name.to_owned(), series.clone()),
            None => Self::Requests(name.to_owned()),
        }
    }

    /// The service or the series.
    pub fn name(&self) -> &str {
        match self {
            Self::Requests(name) | Self::Series(name, _) => name,
        }
    }

    /// The metric under which forecasts are stored.
    pub fn metric(&self) -> &str {
        match self {
            Self::Requests(_) => REQUESTS,
            Self::Series(name, _) => name,
        }
    }

    /// The service under which forecasts are stored: empty for a series of none.
    pub fn service(&self) -> &str {
        match self {
            Self::Requests(service) => service,
            Self::Series(_, series) => series.service.as_deref().unwrap_or_default(),
        }
    }

    /// The service whose events move it; what is of no service goes by its own name.
    pub(crate) fn scope(&self) -> &str {
        Some(self.service()).filter(|service| !service.is_empty()).unwrap_or(self.name())
    }

    /// The service that it decides the replicas of, if any.
    pub(crate) fn planned(&self) -> Option<&str> {
        match self {
            Self::Requests(service) => Some(service),
            Self::Series(..) => None,
        }
    }

    /// Its minutes of a range up to the end; a minute that was not measured is missing.
    pub async fn measured(&self, store: &Store, tenant: &str, range: TimeRange) -> Result<Series> {
        Ok(series(&self.minutes(store, tenant, range).await?, range.to))
    }

    /// The minutes in which something was stored.
    pub(crate) async fn minutes(&self, store: &Store, tenant: &str, range: TimeRange) -> Result<Vec<Minute>> {
        Ok(match self {
            Self::Requests(service) => {
                let minutes = rates::per_minute(store, tenant, service, range).await?;
                minutes.iter().map(|minute| requests(minute.m, minute.calls)).collect()
            }
            Self::Series(_, series) => measures::per_minute(store, tenant, &series.measure(), range).await?,
        })
    }
}

/// A minute in which so many requests came.
pub(crate) fn requests(at: DateTime<Utc>, calls: u64) -> Minute {
    let value = calls as f64;
    Minute { at, value, events: Some(value) }
}

/// Minutes as equal steps up to an instant.
pub(crate) fn series(minutes: &[Minute], to: DateTime<Utc>) -> Series {
    let values: Vec<_> = minutes.iter().map(|minute| (minute.at, minute.value)).collect();
    let counts: Vec<_> = minutes.iter().filter_map(|minute| Some((minute.at, minute.events?))).collect();
    Series::from_sums(&values, &counts, to)
}

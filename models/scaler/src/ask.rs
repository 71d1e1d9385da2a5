//! A question at a door: the metadata of a KEDA trigger, or the parameters of a URL.

use std::str::FromStr;

use crate::plans::Target;
use crate::refusal::Refusal;

/// What a caller asks, within which limits of its own.
#[derive(Debug, Clone, PartialEq)]
pub struct Ask {
    /// The service and quantile.
    pub target: Target,
    /// `minReplicas`: fewest replicas, if more than the policy's.
    pub min: Option<u32>,
    /// `maxReplicas`: most replicas, if fewer than the policy's.
    pub max: Option<u32>,
    /// `fallbackReplicas`: replicas when there is no plan, instead of the policy's.
    pub fallback: Option<u32>,
    /// `activationReplicas`: the workload counts as active when more replicas than these are wanted.
    pub activation: u32,
}

impl Ask {
    /// A target, without limits.
    pub fn of(target: Target) -> Self {
        Self { target, min: None, max: None, fallback: None, activation: 0 }
    }

    /// A service at its own quantile, without limits.
    pub fn service(name: impl Into<String>) -> Self {
        Self::of(Target::service(name))
    }

    /// Reads the keys `service`, `quantile`, `minReplicas`, `maxReplicas`, `fallbackReplicas` and
    /// `activationReplicas`. KEDA hands over a key that ends in `FromEnv` with the variable's value already in it
    /// (and leaves it out when the variable is not set), so `serviceFromEnv` is read like `service`. Other keys
    /// belong to KEDA.
    ///
    /// # Errors
    /// [`Refusal::Invalid`], naming the key.
    pub fn read<'a>(get: impl Fn(&str) -> Option<&'a str>) -> Result<Self, Refusal> {
        let text = |key: &str| {
            let found = get(key).or_else(|| get(&format!("{key}FromEnv")));
            found.map(str::trim).filter(|value| !value.is_empty())
        };
        let service = text("service").ok_or_else(|| {
            Refusal::Invalid(
                "`service` is missing: name the planned service in the trigger's metadata; with serviceFromEnv, \
                 the variable must be set in the container"
                    .to_owned(),
            )
        })?;
        let quantile = match text("quantile") {
            None => None,
            Some(given) => Some(quantile(given)?),
        };
        Ok(Self {
            target: Target { service: service.to_owned(), quantile },
            min: number("minReplicas", text("minReplicas"))?,
            max: number("maxReplicas", text("maxReplicas"))?,
            fallback: number("fallbackReplicas", text("fallbackReplicas"))?,
            activation: number("activationReplicas", text("activationReplicas"))?.unwrap_or(0),
        })
    }
}

fn number<T: FromStr>(key: &str, given: Option<&str>) -> Result<Option<T>, Refusal> {
    let read = |text: &str| {
        text.parse().map_err(|_| {
            Refusal::Invalid(format!("`{key}` must be a whole number of replicas, not `{text}`"))
        })
    };
    given.map(read).transpose()
}

/// A quantile, to three decimals.
fn quantile(text: &str) -> Result<f64, Refusal> {
    let parsed = text.parse::<f64>().ok().map(|q| (q * 1000.0).round() / 1000.0);
    parsed.filter(|q| *q > 0.0 && *q < 1.0).ok_or_else(|| {
        Refusal::Invalid(format!("`quantile` must lie between 0 and 1, such as 0.95, not `{text}`"))
    })
}

//! What a tenant may send.
//!
//! **Rates** (bytes and records a second) are token buckets, asked at the door before anything
//! is read: over the rate a request is refused with the time at which it will be taken.
//! **Names** (attribute keys, metric series) are counted in windows of a day and an hour;
//! beyond the last place an attribute is left out of its record, and a data point is rejected.
//! **Values** that are too long are cut and say so. **Events** that break their contract are kept apart.
//!
//! The way of a request: [`Tenant::admit`] (rates) before its body is read,
//! [`Tenant::examine`] (names and values) when it is unpacked, [`Admitted::settle`] when it is
//! on disk. What was decided is carried in the request itself (`carried`), so that it is
//! decided once. Nothing here waits or reads a disk.

mod bucket;
mod carried;
mod config;
mod contracts;
mod counts;
mod rewrite;
mod seen;
mod shape;
mod tally;
mod tenant;
mod value;
mod watch;

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

pub(crate) use carried::hand_over;
pub(crate) use config::fault;
pub use config::{Limits, TenantLimits};
pub(crate) use contracts::Contracts;
pub use contracts::{ContractsConfig, Enforcement};
pub use counts::ReasonCount;
pub(crate) use counts::Reasons;
pub(crate) use tally::Tally;
pub(crate) use tenant::{Admitted, Examined, Tenant};

use crate::config::IngestConfig;
use crate::decode::DECIMAL_KEYS;
use crate::refusal::Refusal;
use crate::status::TenantStatus;

/// The most tenants with a label of their own in metrics; the rest share `other`.
const LABELLED: usize = 1000;

/// The tenants that have sent something since the start. They are as many as there are
/// tenants with tokens: nobody else gets here.
#[derive(Debug)]
pub(crate) struct Tenants {
    common: Limits,
    own: Vec<TenantLimits>,
    names: watch::Names,
    contracts: Contracts,
    known: RwLock<HashMap<String, Arc<Tenant>>>,
    /// Refusals of those whose tenant is not known.
    pub(crate) strangers: Reasons,
}

impl Tenants {
    pub(crate) fn new(config: &IngestConfig, contracts: Contracts) -> Self {
        Self {
            common: config.limits,
            own: config.tenants.clone(),
            names: watch::Names::default(),
            contracts,
            known: RwLock::default(),
            strangers: Reasons::default(),
        }
    }

    /// The tenant called `name`.
    pub(crate) fn get(&self, name: &str, now_ns: i64) -> Arc<Tenant> {
        if let Some(known) = self.known.read().unwrap_or_else(PoisonError::into_inner).get(name) {
            return known.clone();
        }
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        let label = if known.len() < LABELLED { name } else { "other" };
        let limits =
            self.own.iter().find(|own| own.name == name).map_or(self.common, |own| own.over(self.common));
        known
            .entry(name.to_owned())
            .or_insert_with(|| {
                let (names, contracts) = (self.names.clone(), self.contracts.clone());
                Arc::new(Tenant::new(name.to_owned(), label.into(), limits, names, contracts, now_ns))
            })
            .clone()
    }

    /// Counts a refused request.
    pub(crate) fn count(&self, transport: &'static str, refusal: &Refusal) {
        let reason = refusal.why.label();
        match &refusal.tenant {
            Some(tenant) => {
                tenant.counts.refused.add(reason, 1);
                metrics::counter!(
                    "headroom_ingest_refused_total",
                    "reason" => reason, "transport" => transport, "tenant" => tenant.label.clone()
                )
                .increment(1);
            }
            None => self.stranger(transport, reason),
        }
    }

    /// Counts a refusal before it was known who asks.
    pub(crate) fn stranger(&self, transport: &'static str, reason: &'static str) {
        self.strangers.add(reason, 1);
        metrics::counter!("headroom_ingest_refused_total", "reason" => reason, "transport" => transport)
            .increment(1);
    }

    /// Where each tenant stands, in order of name.
    pub(crate) fn status(&self, now_ns: i64) -> Vec<TenantStatus> {
        let known: Vec<_> =
            self.known.read().unwrap_or_else(PoisonError::into_inner).values().cloned().collect();
        let mut all: Vec<_> = known.iter().map(|tenant| tenant.status(now_ns)).collect();
        all.sort_by(|a, b| a.tenant.cmp(&b.tenant));
        all
    }
}

/// Whether Headroom itself reads an attribute: such a key is never one too many.
fn is_own(key: &[u8]) -> bool {
    const OWN: [&str; 15] = [
        "service.name",
        "service.version",
        "cloud.region",
        "customer.id",
        "user.id",
        "enduser.id",
        "event.name",
        "event.id",
        "account.id",
        "order.id",
        "trade.id",
        "portfolio.id",
        "symbol",
        "side",
        "currency",
    ];
    OWN.iter().chain(&DECIMAL_KEYS).any(|own| own.as_bytes() == key)
}

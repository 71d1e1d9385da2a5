//! What is said beside an alert: who is hit, what changed, where to look.
//!
//! It is asked of the store after the alert was written down, and only so long: an answer that is late is left out, and
//! the message goes as it is. What is known is remembered for later messages.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use headroom_delivery::{Change, Count, Impact, Link, Money, Notification};
use headroom_query::{TimeRange, incident, services};
use headroom_store::Store;
use serde::{Deserialize, Serialize};
use url::Url;

use crate::alert::page;

/// How long the store may take to answer.
pub(crate) const DEADLINE: Duration = Duration::from_secs(5);
/// How long the first message waits for it, should the program die meanwhile.
pub(crate) const HELD: TimeDelta = TimeDelta::seconds(10);
/// How long before the alert something may have changed to be told.
const BEFORE: TimeDelta = TimeDelta::hours(1);
/// Requests that failed so long before the alert count as hit.
const HIT_BEFORE: TimeDelta = TimeDelta::minutes(10);
/// Traces that are linked.
const TRACES: u64 = 3;

/// Tells what a market did between two moments.
#[derive(Clone, Default)]
pub struct MarketEvents(Option<Arc<Told>>);

type Told = dyn Fn(DateTime<Utc>, DateTime<Utc>) -> Vec<(DateTime<Utc>, String)> + Send + Sync;

impl MarketEvents {
    /// As `tell` says: beginning and name of each.
    pub fn new(
        tell: impl Fn(DateTime<Utc>, DateTime<Utc>) -> Vec<(DateTime<Utc>, String)> + Send + Sync + 'static,
    ) -> Self {
        Self(Some(Arc::new(tell)))
    }

    fn between(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> Vec<(DateTime<Utc>, String)> {
        self.0.as_ref().map(|tell| tell(from, to)).unwrap_or_default()
    }
}

impl fmt::Debug for MarketEvents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MarketEvents(..)")
    }
}

/// What is known of a service that fails.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Context {
    pub(crate) impact: Impact,
    pub(crate) changes: Vec<Change>,
    pub(crate) traces: Vec<Link>,
}

impl Context {
    /// Says it in a notification.
    pub(crate) fn fill(&self, notification: &mut Notification) {
        notification.impact = self.impact.clone();
        notification.changes = self.changes.clone();
        notification.traces = self.traces.clone();
    }
}

/// Asks of the store. What it does not say in time, or at all, is left out.
pub(crate) async fn collect(
    store: &Store,
    tenant: &str,
    service: &str,
    market: &MarketEvents,
    external_url: Option<&Url>,
    (since, now): (DateTime<Utc>, DateTime<Utc>),
) -> Context {
    let hit = TimeRange { from: since - HIT_BEFORE, to: now };
    let before = TimeRange { from: since - BEFORE, to: now };
    let (hit, deploys, configured, traces) = tokio::join!(
        in_time(incident::hit(store, tenant, service, hit)),
        in_time(services::deploys(store, tenant, service, before)),
        in_time(incident::configured(store, tenant, service, before)),
        in_time(incident::failed_traces(store, tenant, service, hit, TRACES)),
    );
    let change = |kind: &str, at, what| Change { kind: kind.to_owned(), what, at };
    let deploys = deploys.into_iter().map(|d| change("deploy", d.ts, format!("{service} {}", d.words())));
    let configured = configured.into_iter().map(|(at, what)| change("config", at, what));
    let market = market.between(before.from, now);
    let market = market.into_iter().map(|(at, what)| change("market", at, what));
    let mut changes: Vec<Change> = deploys.chain(configured).chain(market).collect();
    changes.sort_by_key(|change| std::cmp::Reverse(change.at));
    let traces = traces.into_iter().filter_map(|(id, operation)| {
        let url = page(external_url?, &["traces", &id])?;
        Some(Link { text: format!("Trace of {operation}"), url })
    });
    Context { impact: impact(hit), changes, traces: traces.collect() }
}

fn impact(hit: incident::Hit) -> Impact {
    let count = |hit: u64, of: u64| (hit > 0).then_some(Count { hit, of: (of >= hit).then_some(of) });
    Impact {
        customers: count(hit.customers, hit.customers_a_day),
        transactions: count(hit.transactions, hit.transactions_a_day),
        money: hit.money.into_iter().next().map(|(amount, currency)| Money { amount, currency }),
    }
}

async fn in_time<T: Default>(asked: impl Future<Output = headroom_query::Result<T>>) -> T {
    match tokio::time::timeout(DEADLINE, asked).await {
        Ok(Ok(told)) => told,
        Ok(Err(error)) => {
            tracing::warn!(%error, "an alert goes without a part of its context");
            T::default()
        }
        Err(_) => {
            tracing::warn!("an alert goes without a part of its context: the store took too long");
            T::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_the_store_does_not_say_in_time_is_left_out() {
        let asked = std::time::Instant::now();
        let known: Vec<u32> = in_time(std::future::pending()).await;
        assert!(known.is_empty() && asked.elapsed() < DEADLINE * 2);
    }
}

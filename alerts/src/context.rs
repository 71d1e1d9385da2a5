//! What is said beside an alert: who is hit, what changed, where to look.
//!
//! It is asked of the store after the alert was written down, and only so long: an answer that is late is left out, and
//! the message goes as it is. What is known is remembered for later messages.

mod cause;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use headroom_delivery::{Change, Count, Impact, Link, Money, Notification};
use headroom_query::incident::{Hit, Usual};
use headroom_query::{TimeRange, incident, services};
use headroom_routing::dora;
use headroom_store::Store;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use url::Url;

use crate::alert::page;

/// How long the store may take to answer.
pub(crate) const DEADLINE: Duration = Duration::from_secs(5);
/// How long the first message waits for it, should the program die meanwhile.
pub(crate) const HELD: TimeDelta = TimeDelta::seconds(10);
/// How long before the burn began something may have changed to be told.
const BEFORE: TimeDelta = TimeDelta::hours(1);
/// A burn of days is looked back on no longer than this.
const MOST_BEFORE: TimeDelta = TimeDelta::hours(6);
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
    /// What sets failing requests apart, in words.
    #[serde(default)]
    pub(crate) differences: Vec<String>,
    /// A day's average value of transactions in EUR.
    #[serde(default)]
    pub(crate) daily_value: Option<Decimal>,
    /// What the incident amounts to under the EU's Digital Operational Resilience Act.
    #[serde(default)]
    pub(crate) dora: Option<dora::Assessment>,
}

impl Context {
    /// Says it in a notification.
    pub(crate) fn fill(&self, notification: &mut Notification) {
        notification.impact = self.impact.clone();
        notification.changes = self.changes.clone();
        notification.traces = self.traces.clone();
        notification.differences = self.differences.clone();
        let told = self.dora.as_ref().filter(|found| found.major || !found.met.is_empty());
        notification.dora = told.map(|found| found.words.clone());
    }

    /// Counts the criteria of a major incident, of what is known here.
    pub(crate) fn assess(
        &mut self,
        critical_service: bool,
        since: DateTime<Utc>,
        down: TimeDelta,
        now: DateTime<Utc>,
    ) {
        let seconds = |length: TimeDelta| u64::try_from(length.num_seconds()).unwrap_or(0);
        self.dora = Some(dora::assess(&dora::Facts {
            critical_service,
            clients: self.impact.customers,
            transactions: self.impact.transactions,
            value: self.value(),
            daily_value: self.daily_value,
            duration_seconds: seconds(now - since),
            downtime_seconds: if critical_service { seconds(down) } else { 0 },
            ..dora::Facts::default()
        }));
    }

    /// Value of the failed transactions in EUR.
    pub(crate) fn value(&self) -> Option<Decimal> {
        self.impact.money.as_ref().filter(|money| money.currency == EUR).map(|money| money.amount)
    }
}

/// The currency of the limits in law and in the ladder.
const EUR: &str = "EUR";

/// What is usual for each service, asked again after an hour: it looks a week back.
#[derive(Debug, Default)]
pub(crate) struct Usuals(BTreeMap<String, (DateTime<Utc>, Usual)>);

impl Usuals {
    /// What is usual for a service; nothing while the store does not say.
    pub(crate) async fn of(
        &mut self,
        store: &Store,
        tenant: &str,
        service: &str,
        now: DateTime<Utc>,
    ) -> Usual {
        if let Some((asked, usual)) = self.0.get(service)
            && (TimeDelta::zero()..TimeDelta::hours(1)).contains(&(now - *asked))
        {
            return usual.clone();
        }
        let usual = in_time(incident::usual(store, tenant, service, now)).await;
        self.0.insert(service.to_owned(), (now, usual.clone()));
        usual
    }
}

/// An alert whose context is asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked<'a> {
    pub(crate) service: &'a str,
    /// Requests that take longer are what it is about, if it is about slow ones.
    pub(crate) slow_ns: Option<u64>,
    pub(crate) since: DateTime<Utc>,
    /// The long window of its rule: what burned the budget may have begun so long before.
    pub(crate) burned_for: TimeDelta,
    pub(crate) usual: &'a Usual,
}

/// Asks of the store. What it does not say in time, or at all, is left out.
pub(crate) async fn collect(
    store: &Store,
    tenant: &str,
    market: &MarketEvents,
    external_url: Option<&Url>,
    Asked { service, slow_ns, since, burned_for, usual }: Asked<'_>,
    now: DateTime<Utc>,
) -> Context {
    let hit = TimeRange { from: since - HIT_BEFORE, to: now };
    let calm = since - burned_for.clamp(HIT_BEFORE, MOST_BEFORE);
    let before = TimeRange { from: calm - BEFORE, to: now };
    let (found, configured, traces, differences, worse) = tokio::join!(
        in_time(incident::hit(store, tenant, service, hit)),
        in_time(incident::configured(store, tenant, service, before)),
        in_time(incident::failed_traces(store, tenant, service, hit, TRACES)),
        in_time(cause::differences(store, tenant, service, slow_ns, hit, now)),
        in_time(cause::worse(store, tenant, service, (calm, hit.from, now))),
    );
    let change = |kind: &str, at, what| Change { kind: kind.to_owned(), what, at };
    let mut changes: Vec<Change> =
        configured.into_iter().map(|(at, what)| change("config", at, what)).collect();
    // A deploy of what it calls changes it as its own does.
    let called = worse.iter().filter_map(|one| one.service.as_deref());
    for service in std::iter::once(service).chain(called) {
        let deploys = in_time(services::deploys(store, tenant, service, before)).await;
        changes
            .extend(deploys.into_iter().map(|d| change("deploy", d.ts, format!("{service} {}", d.version))));
    }
    changes.extend(market.between(before.from, now).into_iter().map(|(at, what)| change("market", at, what)));
    changes.sort_by_key(|change| std::cmp::Reverse(change.at));
    let upstream = worse.into_iter().map(|one| change("upstream", hit.from, one.what));
    changes.splice(0..0, upstream);
    let traces = traces.into_iter().filter_map(|(id, operation)| {
        let url = page(external_url?, &["traces", &id])?;
        Some(Link { text: format!("Trace of {operation}"), url })
    });
    Context {
        impact: impact(found, usual),
        changes,
        traces: traces.collect(),
        differences,
        daily_value: usual.money.iter().find(|(_, currency)| currency == EUR).map(|(value, _)| *value),
        dora: None,
    }
}

fn impact(hit: Hit, usual: &Usual) -> Impact {
    let count = |hit: u64, of: u64| (hit > 0).then_some(Count { hit, of: (of >= hit).then_some(of) });
    Impact {
        customers: count(hit.customers, usual.customers),
        transactions: count(hit.transactions, usual.transactions),
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

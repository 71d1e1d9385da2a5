//! What speaks for a remedy beside the burn: the new version compared with the old one.
//!
//! It is asked of the store, for as long as context is; what it does not say in time is no signal. An answer holds for
//! a minute.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use headroom_actions::{Calls, Signal, fails_more};
use headroom_canary::{Config, Outcome, judge};
use headroom_query::canary::{Versions, compare};
use headroom_query::release::{Release, newest};
use headroom_query::{QueryError, TimeRange};
use headroom_store::Store;

use crate::context::DEADLINE;

/// How long an answer holds: comparing reads spans one by one.
const HOLDS: TimeDelta = TimeDelta::minutes(1);
/// The longest stretch that is compared.
const COMPARED: TimeDelta = TimeDelta::hours(1);
/// With fewer requests a version is not judged, as by the gate.
const LEAST_CALLS: u64 = 100;

/// What is known of the newest version of a service.
#[derive(Debug, Clone, Default)]
pub(crate) struct Evidence {
    pub(crate) release: Option<Release>,
    /// What each signal says that is there.
    pub(crate) signals: BTreeMap<Signal, String>,
}

/// Asks, and remembers the answers for a while.
#[derive(Debug)]
pub(crate) struct Witness {
    store: Store,
    /// By service and how long before now a deployment counts.
    known: BTreeMap<(String, TimeDelta), (DateTime<Utc>, Evidence)>,
}

impl Witness {
    pub(crate) fn new(store: Store) -> Self {
        Self { store, known: BTreeMap::new() }
    }

    /// What is known of the newest version of a service, if it was deployed within so long.
    pub(crate) async fn hear(
        &mut self,
        tenant: &str,
        service: &str,
        within: TimeDelta,
        now: DateTime<Utc>,
    ) -> Evidence {
        self.known.retain(|_, (at, _)| *at <= now && now < *at + HOLDS);
        let key = (service.to_owned(), within);
        if let Some((_, evidence)) = self.known.get(&key) {
            return evidence.clone();
        }
        let asked = ask(&self.store, tenant, service, within, now);
        let evidence = match tokio::time::timeout(DEADLINE, asked).await {
            Ok(Ok(evidence)) => evidence,
            Ok(Err(error)) => {
                tracing::warn!(service, %error, "an action is decided without the comparison of versions");
                Evidence::default()
            }
            Err(_) => {
                tracing::warn!(
                    service,
                    "an action is decided without the comparison of versions: the store took too long"
                );
                Evidence::default()
            }
        };
        self.known.insert(key, (now, evidence.clone()));
        evidence
    }
}

async fn ask(
    store: &Store,
    tenant: &str,
    service: &str,
    within: TimeDelta,
    now: DateTime<Utc>,
) -> Result<Evidence, QueryError> {
    let range = TimeRange { from: now - within, to: now };
    let Some(release) = newest(store, tenant, service, range).await? else { return Ok(Evidence::default()) };
    let Release { at, candidate, baseline, new, old } = &release;
    let mut signals = BTreeMap::new();
    let calls = |(calls, errors): (u64, u64)| Calls { calls, errors };
    if let Some(says) = fails_more(calls(*old), calls(*new)) {
        let says = format!("{service} {candidate} serves since {} UTC: {says}", at.format("%H:%M"));
        signals.insert(Signal::Deploy, says);
    }
    let compared = TimeRange { from: (*at).max(now - COMPARED), to: now };
    let found = compare(store, tenant, &Versions { service, baseline, candidate }, None, compared).await?;
    if found.baseline_calls.min(found.candidate_calls) >= LEAST_CALLS {
        let judgement =
            judge(&found.metrics, &Config::default()).expect("invariant: the defaults make sense");
        if judgement.outcome == Outcome::Fail {
            signals.insert(Signal::Canary, format!("{candidate} beside {baseline}: {}", judgement.words));
        }
    }
    Ok(Evidence { release: Some(release), signals })
}

//! What follows from an evaluation beside its alerts: steps of policies, and remedies.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use headroom_actions::{Signal, Situation};
use headroom_control::{Alert, Control};
use headroom_routing::Silence;
use headroom_slo::SloSet;
use headroom_store::Store;

use crate::actions::{Actions, Case, Witness};
use crate::alert::told;
use crate::config::{ActionConfig, AlertsConfig};
use crate::error::Result;
use crate::evaluate::Detail;
use crate::routing::{Routing, silence};
use crate::seen::Seen;

/// Follows one evaluation after the other.
#[derive(Debug)]
pub(crate) struct Follower {
    routing: Routing,
    actions: Actions,
    witness: Witness,
}

impl Follower {
    pub(crate) fn new(config: &AlertsConfig, routing: Routing, store: Store, control: Control) -> Self {
        let actions = Actions::new(config, control, routing.tenant());
        Self { routing, actions, witness: Witness::new(store) }
    }

    /// Begins and ends steps, and decides about remedies for the open alerts of objectives. Returns how many messages
    /// were queued.
    pub(crate) async fn follow(
        &mut self,
        set: &SloSet,
        seen: &Seen,
        open: &[Alert],
        now: DateTime<Utc>,
    ) -> Result<usize> {
        let mut queued = 0;
        if !self.routing.budget_policies().is_empty() || self.routing.holds_steps()? {
            queued += self.routing.follow(set, seen, now)?;
        }
        let slos: BTreeMap<&str, &str> =
            open.iter().map(|alert| (alert.id.as_str(), alert.slo.as_str())).collect();
        let ids: BTreeSet<&str> = slos.keys().copied().collect();
        let actions = self.actions.clone();
        for config in actions.configured() {
            let cases = self.cases(config, seen, open, now).await?;
            let burn_of = |alert: &str| slos.get(alert).and_then(|slo| seen.burn(slo));
            queued += actions.decide(&config.action, &cases, &ids, burn_of, now)?;
            let off = actions.state(&config.action)?.disabled.is_some();
            metrics::gauge!("headroom_action_disabled", "action" => config.action.name.clone())
                .set(f64::from(u8::from(off)));
        }
        Ok(queued)
    }

    /// The alerts that an action is for and that nothing was decided about for good. Only the rules' alerts count: what
    /// a policy of OpenSLO tells need not be that a budget burns.
    async fn cases(
        &mut self,
        config: &ActionConfig,
        seen: &Seen,
        open: &[Alert],
        now: DateTime<Utc>,
    ) -> Result<Vec<Case>> {
        let tenant = self.routing.tenant().to_owned();
        let state = self.actions.state(&config.action)?;
        let url = self.routing.external_url().cloned();
        let of_rules = open.iter().filter(|alert| Detail::of(alert).policy.is_none());
        let matching = of_rules.map(|alert| (alert, told(alert, url.as_ref())));
        let matching: Vec<_> = matching
            .filter(|(alert, told)| config.action.matchers.fit(&told.labels) && !state.is_decided(&alert.id))
            .collect();
        if matching.is_empty() {
            return Ok(Vec::new());
        }
        let standing = self.routing.control().silences(&tenant, now)?;
        let standing: Vec<Silence> = standing.into_iter().map(silence).collect::<Result<_, _>>()?;
        let mut cases = Vec::new();
        for (alert, told) in matching {
            let evidence = self.witness.hear(&tenant, &alert.service, config.deployed_within, now).await;
            let mut signals = evidence.signals.clone();
            signals.insert(Signal::Burn, alert.summary.clone());
            let silences =
                |silence: &Silence| silence.window.until(now).is_some() && silence.matchers.fit(&told.labels);
            let situation = Situation {
                alert: alert.id.clone(),
                service: alert.service.clone(),
                signals,
                silenced: standing.iter().any(silences),
                burn: seen.burn(&alert.slo),
            };
            cases.push(Case { situation, told, evidence });
        }
        Ok(cases)
    }
}

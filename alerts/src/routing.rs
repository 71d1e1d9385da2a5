//! From alerts to messages: who is told what, decided and written down in one transaction.
//!
//! The decision itself is [`headroom_routing`]'s, without a store and without a clock. Here it is fed: with what it
//! remembered, with the silences that stand, and with what was observed; what it says goes into the outbox together
//! with all that it remembers. The evaluator records what it found, the sender lets time pass, people acknowledge and
//! other Alertmanagers report, each in a transaction of its own and none of them ever beside another.

mod budget_policies;
mod inbound;
mod memory;

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use headroom_actions::BudgetPolicy;
use headroom_control::{Alert, AlertState, Control, ControlError, Decision, Form, NewMessage};
use headroom_delivery::{Notification, Status};
use headroom_routing::{Ladder, Router, Silence, State};
use sha2::{Digest as _, Sha256};
use url::Url;

use crate::alert::told;
use crate::chart;
use crate::config::AlertsConfig;
use crate::context::{Context, HELD};
use crate::error::Result;
use crate::evaluate::{Detail, Standings};
pub use budget_policies::{BudgetPolicyBody, BudgetStepBody};
use memory::Memory;
pub(crate) use memory::{Said, Watch, Watched, silence};

/// The routing of one tenant's alerts. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Routing {
    control: Control,
    tenant: Arc<str>,
    router: Arc<Router>,
    ladder: Arc<Ladder>,
    critical: Arc<[String]>,
    budget_policies: Arc<[BudgetPolicy]>,
    external_url: Option<Url>,
    /// An alert of another Alertmanager that is not told of for so long is over.
    silent_after: TimeDelta,
}

/// What an evaluation found.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// Alerts whose state or figures are new.
    pub(crate) changed: Vec<Alert>,
    /// Alerts that are as they were.
    pub(crate) unchanged: Vec<Alert>,
    /// What is remembered of the open ones.
    pub(crate) watched: Watched,
    /// How policies stand.
    pub(crate) standings: Standings,
}

impl Found {
    /// The open alerts of objectives, with what is remembered of them.
    pub(crate) fn open(&self) -> impl Iterator<Item = (&Alert, &Watch)> {
        let watched = |alert: &'_ Alert| self.watched.get(&alert.id);
        self.changed.iter().chain(&self.unchanged).filter_map(move |alert| Some((alert, watched(alert)?)))
    }
}

impl Routing {
    /// The routing by a configuration.
    pub fn new(config: &AlertsConfig, control: Control, tenant: &str) -> Self {
        Self {
            control,
            tenant: tenant.into(),
            router: Arc::new(config.router()),
            ladder: Arc::new(config.ladder.clone()),
            critical: config.critical_services.clone().into(),
            budget_policies: config.budget_policies.as_slice().into(),
            external_url: config.external_url.clone(),
            silent_after: TimeDelta::seconds(config.inbound_expires_seconds.min(31_536_000) as i64),
        }
    }

    /// The same routing of another tenant's alerts.
    #[must_use]
    pub fn of(&self, tenant: &str) -> Self {
        Self { tenant: tenant.into(), ..self.clone() }
    }

    /// The control file.
    pub(crate) fn control(&self) -> &Control {
        &self.control
    }

    /// Whose alerts these are.
    pub(crate) fn tenant(&self) -> &str {
        &self.tenant
    }

    /// The ladder of severities.
    pub(crate) fn ladder(&self) -> &Ladder {
        &self.ladder
    }

    /// Whether a service supports critical or important functions.
    pub(crate) fn is_critical(&self, service: &str) -> bool {
        self.critical.iter().any(|critical| critical == service)
    }

    /// Headroom's address as people reach it.
    pub(crate) fn external_url(&self) -> Option<&Url> {
        self.external_url.as_ref()
    }

    /// What was remembered of open alerts, and of policies.
    pub(crate) fn remembered(&self) -> Result<(Watched, Standings)> {
        let Memory { watched, standings, .. } = Memory::read(self.control.routing(&self.tenant)?)?;
        Ok((watched, standings))
    }

    /// Writes down an evaluation and tells of it, in messages that wait for their context.
    pub(crate) fn record(&self, found: Found, now: DateTime<Utc>) -> Result<Vec<Queued>> {
        let Found { changed, unchanged, watched, standings } = found;
        self.decide(now, HELD, |memory, silences| {
            memory.watched = watched;
            memory.standings = standings;
            // What was open when the evaluation began may have been ended meanwhile, by who told of it.
            let unchanged = unchanged.iter().filter(|alert| !is_over(&memory.state, &alert.id));
            for alert in changed.iter().chain(unchanged.collect::<Vec<_>>()) {
                let told = told(alert, self.external_url());
                if ends_silently(alert) {
                    self.router.forget(&mut memory.state, &alert.id);
                    continue;
                }
                // One that began and ended at once was never open, and is told all the same.
                if alert.resolved_at == Some(alert.started_at) {
                    let open =
                        headroom_delivery::Alert { status: Status::Firing, ends_at: None, ..told.clone() };
                    self.router.observe(&mut memory.state, &open, now);
                }
                self.router.observe(&mut memory.state, &told, now);
            }
            let told = self.router.tick(&mut memory.state, silences, now);
            (told, Decision { alerts: changed, ..Decision::default() })
        })
    }

    /// Remembers what is known of alerts, and lets go the messages that waited for it.
    pub(crate) fn explain(
        &self,
        known: &BTreeMap<String, Context>,
        queued: Vec<Queued>,
        now: DateTime<Utc>,
    ) -> Result<()> {
        self.decide(now, TimeDelta::zero(), |memory, _| {
            for (id, context) in known {
                if let Some(watch) = memory.watched.get_mut(id) {
                    watch.context = context.clone();
                }
            }
            (Vec::new(), Decision::default())
        })?;
        for Queued { key, mut notification } in queued {
            if let Some(context) = notification.alerts.iter().find_map(|alert| known.get(&alert.fingerprint))
            {
                context.fill(&mut notification);
            }
            self.control.release(&key, &json(&notification), now)?;
        }
        Ok(())
    }

    /// Lets time pass: what waited is told, what nobody answered escalates, what goes on is repeated.
    pub fn tick(&self, now: DateTime<Utc>) -> Result<()> {
        self.decide(now, TimeDelta::zero(), |memory, silences| {
            (self.router.tick(&mut memory.state, silences, now), Decision::default())
        })?;
        Ok(())
    }

    /// Somebody takes an alert: its groups are told so, and escalate and repeat no more while it holds.
    ///
    /// # Errors
    /// There is no such alert.
    pub fn acknowledge(&self, id: &str, by: &str, now: DateTime<Utc>) -> Result<Alert> {
        self.decide(now, TimeDelta::zero(), |memory, silences| {
            let told = groups_of(&memory.state, id)
                .into_iter()
                .flat_map(|key| self.router.acknowledge(&mut memory.state, silences, &key, by, now));
            let told = told.collect();
            (told, Decision { acknowledged: Some((id.to_owned(), by.to_owned())), ..Decision::default() })
        })?;
        let taken = self.control.alert(&self.tenant, id)?;
        Ok(taken.ok_or_else(|| ControlError::Unknown { kind: "alert", name: id.to_owned() })?)
    }

    /// The picture of the first of its alerts that is an objective's.
    fn chart(&self, key: &str, notification: &Notification, now: DateTime<Utc>) -> Option<Url> {
        let of_objective = |alert: &&headroom_delivery::Alert| alert.labels.contains_key("slo");
        let alert = notification.alerts.iter().find(of_objective)?;
        chart::link(self.external_url()?, key, &self.tenant, &alert.fingerprint, now)
    }

    /// What links to charts are signed with; none before anything was decided.
    pub(crate) fn chart_key(&self) -> Result<Option<String>> {
        Ok(Memory::read(self.control.routing(&self.tenant)?)?.chart_key)
    }

    /// One decision in one transaction; messages that begin or worsen something are held for so long.
    fn decide(
        &self,
        now: DateTime<Utc>,
        held: TimeDelta,
        work: impl FnOnce(&mut Memory, &[Silence]) -> (Vec<Notification>, Decision),
    ) -> Result<Vec<Queued>> {
        let mut queued = Vec::new();
        self.control.route(&self.tenant, now, |remembered| {
            let before = Memory::read(remembered.state)?;
            let silences: Vec<Silence> =
                remembered.silences.into_iter().map(memory::silence).collect::<Result<_, _>>()?;
            let mut memory = before.clone();
            let key = memory.chart_key.get_or_insert_with(chart::key).clone();
            let (notifications, decision) = work(&mut memory, &silences);
            let mut messages = Vec::new();
            for mut notification in notifications {
                memory.explain(&mut notification);
                notification.chart = self.chart(&key, &notification, now);
                let message = message(&notification, now, held);
                queued.push(Queued { key: message.dedup_key.clone(), notification });
                messages.push(message);
            }
            let state = (memory != before).then(|| memory.written());
            Ok(Decision { state, messages, ..decision })
        })?;
        Ok(queued)
    }
}

/// Whether an alert is over, and its policy says that this is not told.
fn ends_silently(alert: &Alert) -> bool {
    alert.state == AlertState::Resolved && Detail::of(alert).policy.is_some_and(|policy| policy.ends_silently)
}

fn groups_of(state: &State, fingerprint: &str) -> Vec<String> {
    let holding = state.groups.iter().filter(|(_, group)| group.alerts.contains_key(fingerprint));
    holding.map(|(key, _)| key.clone()).collect()
}

/// Whether an alert is known, and over wherever it is told.
fn is_over(state: &State, fingerprint: &str) -> bool {
    let mut known = state.groups.values().filter_map(|group| group.alerts.get(fingerprint)).peekable();
    known.peek().is_some() && known.all(|tracked| tracked.alert.status == Status::Resolved)
}

/// A message that was queued.
#[derive(Debug)]
pub(crate) struct Queued {
    key: String,
    notification: Notification,
}

/// A notification as the outbox takes it: in order within its group, under an id that follows from what it says.
fn message(notification: &Notification, now: DateTime<Utc>, held: TimeDelta) -> NewMessage {
    let Notification { group_key, receiver, reason, .. } = notification;
    NewMessage {
        group: group_key.clone(),
        channel: receiver.clone(),
        dedup_key: format!(
            "msg_{}_{receiver}",
            hex16(&format!("{group_key}\n{receiver}\n{reason:?}\n{now:?}"))
        ),
        form: Form::Notification,
        body: json(notification),
        due: if notification.status() == Status::Firing { now + held } else { now },
    }
}

fn json(notification: &Notification) -> String {
    serde_json::to_string(notification).expect("invariant: a notification has only text keys")
}

/// The first 16 hex digits of the SHA-256.
pub(crate) fn hex16(text: &str) -> String {
    let digest = Sha256::digest(text.as_bytes());
    digest.iter().take(8).fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_alert_that_is_over_before_an_evaluation_is_written_down_stays_over() {
        let config = "[[targets]]\nname = 'ops'\nkind = 'webhook'\nurl = 'https://ops.example.com/'";
        let config: AlertsConfig = toml::from_str(config).expect("a configuration");
        let control = Control::in_memory().expect("a state");
        let routing = Routing::new(&config, control.clone(), "acme");
        let at = |second: i64| DateTime::from_timestamp(1_800_000_000 + second, 0).expect("a time");
        let seen = |status| headroom_delivery::Alert {
            status,
            labels: [("alertname".to_owned(), "DiskFull".to_owned())].into(),
            annotations: headroom_delivery::Labels::new(),
            starts_at: at(0),
            ends_at: None,
            generator_url: None,
            fingerprint: "f".to_owned(),
        };
        routing.take(&[seen(Status::Firing)], at(0)).expect("taken");
        let unchanged = control.open_alerts("acme").expect("read");
        routing.take(&[seen(Status::Resolved)], at(5)).expect("taken");
        routing.record(Found { unchanged, ..Found::default() }, at(4)).expect("recorded");
        routing.tick(at(10)).expect("told");
        let reasons: Vec<_> = control.list_deliveries(None, 9).expect("read").into_iter().rev().collect();
        let statuses: Vec<_> =
            reasons.iter().map(|message| &message.payload["alerts"][0]["status"]).collect();
        assert_eq!(statuses, ["firing", "resolved"]);
    }

    #[test]
    fn an_alert_that_its_sender_forgets_is_over_and_one_of_ours_is_not() {
        let config = "inbound_expires_seconds = 3600\n[[targets]]\nname = 'ops'\nkind = 'webhook'\nurl = 'https://ops.example.com/'";
        let config: AlertsConfig = toml::from_str(config).expect("a configuration");
        let control = Control::in_memory().expect("a state");
        let routing = Routing::new(&config, control.clone(), "acme");
        let at = |second: i64| DateTime::from_timestamp(1_800_000_000 + second, 0).expect("a time");
        let seen = |name: &str| headroom_delivery::Alert {
            status: Status::Firing,
            labels: [("alertname".to_owned(), name.to_owned())].into(),
            annotations: headroom_delivery::Labels::new(),
            starts_at: at(0),
            ends_at: None,
            generator_url: None,
            fingerprint: name.to_owned(),
        };
        routing.take(&[seen("DiskFull"), seen("NodeDown")], at(0)).expect("taken");
        routing.take_own(&[seen("HeadroomStalled")], at(0)).expect("taken");
        routing.take(&[seen("NodeDown")], at(1_800)).expect("taken again");
        let open = |now: i64| {
            routing.end_silent(at(now)).expect("ended");
            let mut names: Vec<_> =
                control.open_alerts("acme").expect("read").into_iter().map(|alert| alert.summary).collect();
            names.sort();
            names
        };
        assert_eq!(open(3_599), ["DiskFull", "HeadroomStalled", "NodeDown"]);
        assert_eq!(open(3_600), ["HeadroomStalled", "NodeDown"]);
        assert_eq!(open(86_400), ["HeadroomStalled"]);
        routing.tick(at(86_460)).expect("told");
        let told: Vec<_> = control.list_deliveries(None, 9).expect("read");
        assert!(
            told.iter().any(|message| message.payload.to_string().contains("has said nothing since")),
            "{told:?}"
        );
    }
}

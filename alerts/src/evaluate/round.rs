//! One evaluation's decisions about alerts: begun, worse, over.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use headroom_control::{Alert, AlertState};
use headroom_routing::Burn;
use headroom_slo::Severity;

use super::machine::{self, Open, Step, Track};
use super::policies::Standings;
use super::reading::Reading;
use super::record::{self, Detail};
use super::subject::Subject;
use crate::error::Result;
use crate::routing::{Found, Routing, Watch, Watched};

/// The open alerts, and what becomes of them.
pub(super) struct Round<'a> {
    routing: &'a Routing,
    significance: f64,
    pub(super) now: DateTime<Utc>,
    pub(super) alerts: Vec<Alert>,
    watched: Watched,
    pub(super) standings: Standings,
    /// Ids of alerts that are to be written.
    changed: BTreeSet<String>,
    transitions: usize,
}

impl<'a> Round<'a> {
    pub(super) fn new(
        routing: &'a Routing,
        significance: f64,
        open: Vec<Alert>,
        now: DateTime<Utc>,
    ) -> Result<Self> {
        let (mut watched, standings) = routing.remembered()?;
        watched.retain(|id, _| open.iter().any(|alert| alert.id == *id));
        let changed = BTreeSet::new();
        Ok(Self { routing, significance, now, alerts: open, watched, standings, changed, transitions: 0 })
    }

    /// Moves both tracks of one promise.
    pub(super) fn decide(&mut self, subject: &Subject<'_>) {
        let all = subject.readings(self.significance);
        let mut page_open = false;
        for track in [Track::Page, Track::Ticket] {
            let readings: Vec<Reading> =
                all.iter().copied().filter(|r| Track::of(r.rule.severity) == track).collect();
            let of_track = |alert: &Alert| {
                let detail = Detail::of(alert);
                alert.slo == subject.promise().id()
                    && is_open(alert)
                    && detail.policy.is_none()
                    && detail.track(alert) == track
            };
            let is_open = match self.alerts.iter().position(of_track) {
                Some(place) => self.go_on(place, subject, &readings),
                None if track == Track::Ticket && page_open => false,
                None => self.begin(subject, &readings),
            };
            page_open |= is_open && track == Track::Page;
        }
    }

    /// Opens an alert if its rules say so; whether it did.
    fn begin(&mut self, subject: &Subject<'_>, readings: &[Reading]) -> bool {
        let Step::Fire(reading) = machine::step(None, readings, subject.watermark) else { return false };
        let alert = record::fired(self.tenant(), subject, &reading, self.now);
        let down_since = subject.measured.down_since();
        self.watched.insert(alert.id.clone(), Watch { down_since, ..Watch::new(&alert, burn(readings)) });
        self.push(alert);
        true
    }

    /// Adds an alert that has just begun.
    pub(super) fn push(&mut self, alert: Alert) {
        let burning = || Severity::from_word(&alert.severity).map_or(Burn::Slow, burn_at);
        self.watched.entry(alert.id.clone()).or_insert_with(|| Watch::new(&alert, burning()));
        self.alerts.push(alert);
        self.moved(self.alerts.len() - 1);
    }

    /// Ends an alert.
    pub(super) fn end(&mut self, place: usize, because: &str) {
        let alert = &mut self.alerts[place];
        record::resolve(alert, because, self.now);
        self.watched.remove(&alert.id);
        self.moved(place);
    }

    /// Goes on with an open alert; whether it still is.
    fn go_on(&mut self, place: usize, subject: &Subject<'_>, readings: &[Reading]) -> bool {
        let alert = &mut self.alerts[place];
        let burning = burn(readings);
        // Of an alert that an earlier version opened nothing is remembered but how loud it is.
        let unknown = || Watch::new(alert, Severity::from_word(&alert.severity).map_or(Burn::Slow, burn_at));
        let watch = self.watched.entry(alert.id.clone()).or_insert_with(unknown);
        watch.burn = watch.burn.max(burning);
        let open = Open { severity: loudness(watch.burn), calm_since: watch.calm_since };
        let step = machine::step(Some(open), readings, subject.watermark);
        if step == Step::Resolve {
            self.end(place, "the burn is back below the alert's threshold");
            return false;
        }
        watch.calm_since = match step {
            Step::Calming(since) => Some(since),
            _ => None,
        };
        watch.down_since = subject.measured.down_since();
        let reading = machine::governing(open.severity, readings);
        if reading.is_some_and(|reading| record::refresh(alert, subject, reading)) {
            self.changed.insert(alert.id.clone());
        }
        // What is ending does not get worse by lasting.
        if burning > Burn::None
            && let Some((severity, causes)) = watch.climb(self.routing, alert, self.now)
        {
            record::raise(alert, severity, causes);
            self.moved(place);
        }
        true
    }

    /// Ends the alerts of promises, and of policies, that are watched no more.
    pub(super) fn end_unless(&mut self, watched: impl Fn(&Alert) -> bool) {
        for place in 0..self.alerts.len() {
            let alert = &self.alerts[place];
            if is_open(alert) && !alert.slo.is_empty() && !watched(alert) {
                self.end(place, "its objective was removed or can no longer be computed");
            }
        }
    }

    pub(super) fn tenant(&self) -> &str {
        self.routing.tenant()
    }

    fn moved(&mut self, place: usize) {
        let alert = &self.alerts[place];
        self.changed.insert(alert.id.clone());
        self.transitions += 1;
        let to = match alert.state {
            AlertState::Firing => format!("firing-{}", alert.severity),
            AlertState::Resolved => "resolved".to_owned(),
        };
        metrics::counter!("headroom_alert_transitions_total", "to" => to).increment(1);
        tracing::info!(alert = alert.id, slo = alert.slo, severity = alert.severity, state = %alert.state, "{}", alert.summary);
    }

    /// Alerts that began, got worse or ended.
    pub(super) fn transitions(&self) -> usize {
        self.transitions
    }

    /// Alerts that are open now.
    pub(super) fn firing(&self) -> usize {
        self.alerts.iter().filter(|alert| is_open(alert)).count()
    }

    /// What is to be written down.
    pub(super) fn found(self) -> Found {
        let (changed, unchanged) =
            self.alerts.into_iter().partition(|alert| self.changed.contains(&alert.id));
        Found { changed, unchanged, watched: self.watched, standings: self.standings }
    }
}

pub(super) fn is_open(alert: &Alert) -> bool {
    alert.state == AlertState::Firing
}

/// The fastest rule that holds.
fn burn(readings: &[Reading]) -> Burn {
    let met = readings.iter().filter(|reading| reading.met());
    met.map(|reading| burn_at(reading.rule.severity)).max().unwrap_or(Burn::None)
}

fn burn_at(severity: Severity) -> Burn {
    match severity {
        Severity::Warning => Burn::Slow,
        Severity::Major => Burn::Fast,
        Severity::Critical => Burn::Fastest,
    }
}

/// How loud the rules of a burn are.
fn loudness(burn: Burn) -> Severity {
    match burn {
        Burn::None | Burn::Slow => Severity::Warning,
        Burn::Fast => Severity::Major,
        Burn::Fastest => Severity::Critical,
    }
}

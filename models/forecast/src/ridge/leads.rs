//! What leading signals say about a step to come.
//!
//! A signal is laid along the lived steps: the mean of its values whose steps end within one, or the newest before
//! it. Its size and its moves are each taken as a ratio to their running mean at that part of the day, which is what
//! was known then. The features are logarithms of the means of these ratios over the shortest windows of the ladder,
//! and of these what lies beyond their usual spread (a soft threshold): in calm they are 0 and cost nothing, so that a
//! robust regression, to which bursts are few and far, still learns from them. They are 0 as well where nothing is
//! known of the signal.

#[cfg(test)]
mod tests;
mod track;

use std::sync::Arc;

use chrono::{DateTime, Duration, Utc};

use super::features::Ladder;
use super::solve::dot;
use super::timeline::{Step, Timeline};
use crate::series::Series;
use crate::signal::Signal;
use track::{Mean, Track};

/// Windows of the ladder that are looked at.
const WINDOWS: usize = 3;
/// Features of a signal for each window: its size and its moves.
const TRACKS: usize = 2;

/// The signals of a service, laid along its timeline.
#[derive(Debug, Clone)]
pub(super) struct Leads {
    leads: Vec<Lead>,
    windows: Vec<usize>,
    step: Duration,
}

impl Leads {
    /// Lays signals along what is past of a timeline.
    pub(super) fn new(signals: &[Signal], timeline: &Timeline, ladder: &Ladder) -> Self {
        let step = timeline.step_minutes;
        let mut leads = Self {
            leads: signals.iter().map(|signal| Lead::new(signal, step)).collect(),
            windows: ladder.shortest(WINDOWS).to_vec(),
            step: Duration::minutes(i64::from(step)),
        };
        timeline.steps[..timeline.known].iter().for_each(|step| leads.lay(step));
        for track in leads.leads.iter_mut().flat_map(|lead| &mut lead.tracks) {
            track.measure(&leads.windows, timeline.known);
        }
        leads
    }

    /// Lays the next lived step.
    pub(super) fn lay(&mut self, step: &Step) {
        self.leads.iter_mut().for_each(|lead| lead.lay(step, step.ts + self.step));
    }

    /// Takes in what the signals showed since.
    pub(super) fn append(&mut self, recent: &[Signal]) {
        for signal in recent {
            let named = self.leads.iter_mut().filter(|lead| lead.name == signal.name);
            named.for_each(|lead| lead.append(signal));
        }
    }

    /// Forgets what no feature of a step after `origin` looks at.
    pub(super) fn forget(&mut self, origin: usize) {
        let longest = self.windows.last().copied().unwrap_or(0);
        self.leads.iter_mut().for_each(|lead| lead.forget(origin.saturating_sub(longest)));
    }

    /// How many features there are.
    pub(super) fn width(&self) -> usize {
        self.leads.len() * self.windows.len() * TRACKS
    }

    /// Features with those of the signals behind them.
    pub(super) fn join(&self, mut features: Vec<f64>, origin: usize) -> Vec<f64> {
        for lead in &self.leads {
            for track in &lead.tracks {
                features.extend(track.features(origin));
            }
        }
        features
    }

    /// By what each signal multiplies demand, from features joined by [`Self::join`] and their coefficients.
    pub(super) fn multipliers(&self, features: &[f64], beta: &[f64]) -> Vec<(Arc<str>, f64)> {
        let each = self.windows.len() * TRACKS;
        let own = features.len() - self.width();
        let parts = features[own..].chunks(each.max(1));
        // Coefficients end before the signals where these are left aside.
        let betas = beta[own..].chunks(each.max(1)).chain(std::iter::repeat(&[][..]));
        let factors = parts.zip(betas).map(|(features, beta)| dot(features, beta).exp());
        self.leads.iter().map(|lead| Arc::clone(&lead.name)).zip(factors).collect()
    }
}

/// One signal.
#[derive(Debug, Clone)]
struct Lead {
    name: Arc<str>,
    hold: Duration,
    /// Its values, of which those from `next` on are not laid yet.
    series: Series,
    next: usize,
    last: Option<f64>,
    /// The newest size and move, and until when they stand for what comes.
    held: Option<([Option<f64>; TRACKS], DateTime<Utc>)>,
    tracks: [Track; TRACKS],
}

impl Lead {
    fn new(signal: &Signal, step_minutes: u32) -> Self {
        let track = Track::new(step_minutes);
        Self {
            name: Arc::clone(&signal.name),
            hold: signal.hold(),
            series: (*signal.series).clone(),
            next: 0,
            last: None,
            held: None,
            tracks: [track.clone(), track],
        }
    }

    /// A step that is not measured yet may be by the time of the next delivery.
    fn append(&mut self, signal: &Signal) {
        if signal.series.step_minutes != self.series.step_minutes {
            return;
        }
        let measured = self.series.values.iter().rposition(Option::is_some).map_or(0, |last| last + 1);
        self.series.values.truncate(measured);
        self.next = self.next.min(measured);
        self.series.append(&signal.series);
    }

    fn forget(&mut self, before: usize) {
        if self.next * 2 > self.series.values.len() {
            self.series = self.series.since(self.series.at(self.next));
            self.next = 0;
        }
        self.tracks.iter_mut().for_each(|track| track.forget(before));
    }

    /// Lays the lived step that ends at `end`: no value counts before its own step has ended.
    fn lay(&mut self, step: &Step, end: DateTime<Utc>) {
        let mut within = [Mean::default(); TRACKS];
        while self.next < self.series.values.len() && self.series.at(self.next + 1) <= end {
            let known = self.series.at(self.next + 1);
            if let Some(value) = self.series.values[self.next].filter(|value| value.is_finite()) {
                let seen = [Some(value.abs()), self.last.map(|last| (value - last).abs())];
                self.last = Some(value);
                self.held = Some((seen, known + self.hold));
                if known > step.ts {
                    within.iter_mut().zip(seen).for_each(|(mean, seen)| mean.extend(seen));
                }
            }
            self.next += 1;
        }
        let held = self.held.filter(|(_, until)| end <= *until).map_or([None; TRACKS], |(held, _)| held);
        for ((track, mean), held) in self.tracks.iter_mut().zip(within).zip(held) {
            track.push(step.slot.key, mean.value().or(held));
        }
    }
}

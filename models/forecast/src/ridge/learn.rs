//! What the past teaches: coefficients for each distance, samples of events, and misses.

use super::basis::Basis;
use super::conformal::{self, Miss, Misses};
use super::features::{Ladder, Past};
use super::leads::Leads;
use super::solve::{self, Prior, dot};
use super::tilt::{Lift, Tilt};
use super::timeline::{Step, Timeline};
use crate::effects::{Effects, Overlay, Sample};
use crate::past::moved_by;
use crate::series::median;

/// Cases learned from at each distance.
const CASES: usize = 6000;
/// Days of which the misses count.
const MISS_DAYS: f64 = 250.0;
/// Parts in time of which each is forecast by coefficients learned from the others.
const FOLDS: usize = 4;
/// Weights of the prior, in cases; cross-validation picks one.
const WEIGHTS: [f64; 3] = [10.0, 100.0, 1000.0];
/// Signals count at a distance where they better the forecasts of what was not learned from by this share.
const WORTH: f64 = 0.01;
/// No deviation counts for more (natural logarithm).
const CLIP: f64 = 8.0;
/// The fractional part of the golden ratio, which spreads distances evenly over any stretch of cases.
const GOLDEN: f64 = 0.618_033_988_749_895;

/// A step's log ratio to its shape with the effects of events taken out; nothing while these are unknown.
pub(super) fn residual(
    step: &Step,
    basis: &Basis,
    overlay: &Overlay,
    effects: Option<&Effects>,
) -> Option<f64> {
    let raw = basis.against(step)?;
    let log = match (overlay.moved(step.ts), effects) {
        (false, _) => 0.0,
        (true, Some(effects)) => moved_by(overlay, effects, step.ts, step.slot, false).1,
        (true, None) => return None,
    };
    Some((raw - log).clamp(-CLIP, CLIP))
}

/// The coefficients of one distance.
#[derive(Debug, Clone)]
pub(super) struct Reach {
    /// The farthest step it is for.
    until: usize,
    beta: Vec<f64>,
    gamma: Vec<f64>,
    /// Misses of the past in units of their scale, in order of time.
    pub(super) misses: Vec<f64>,
    /// The farthest miss that a quantile may reach, in logarithms.
    pub(super) farthest: f64,
}

impl Reach {
    /// The coefficients; those of signals are left out where these were worth nothing.
    pub(super) fn beta(&self) -> &[f64] {
        &self.beta
    }

    /// The deviation expected.
    pub(super) fn deviation(&self, x: &[f64]) -> f64 {
        dot(x, &self.beta).clamp(-CLIP, CLIP)
    }

    /// The size of a usual miss.
    pub(super) fn scale(&self, unrest: &[f64]) -> f64 {
        dot(unrest, &self.gamma).exp().clamp(1e-3, 2.0)
    }
}

/// The coefficients of every distance.
#[derive(Debug, Clone)]
pub(super) struct Learned(pub(super) Vec<Reach>);

impl Learned {
    /// Which distance class a number of steps falls in.
    pub(super) fn index(&self, ahead: usize) -> usize {
        self.0.partition_point(|reach| reach.until < ahead).min(self.0.len() - 1)
    }

    pub(super) fn reach(&self, ahead: usize) -> &Reach {
        &self.0[self.index(ahead)]
    }
}

/// One forecast of the past.
struct Case {
    /// Days before the origin.
    age: f64,
    x: Vec<f64>,
    unrest: Vec<f64>,
    y: f64,
}

/// The past, ready to be learned from.
pub(super) struct Lesson<'a> {
    pub(super) timeline: &'a Timeline,
    pub(super) overlay: &'a Overlay,
    pub(super) ladder: &'a Ladder,
    pub(super) bases: &'a [Basis],
    pub(super) effects: Option<&'a Effects>,
    pub(super) leads: &'a Leads,
}

impl Lesson<'_> {
    /// The past seen against a shape.
    pub(super) fn past(&self, basis: &Basis, from: usize, to: usize) -> Past {
        let mut past = Past::new(from);
        for step in &self.timeline.steps[from..to] {
            past.push(residual(step, basis, self.overlay, self.effects));
        }
        past
    }

    /// The past of each basis.
    pub(super) fn pasts(&self) -> Vec<Past> {
        let pasts = self.bases.iter().map(|basis| match (basis.targets.first(), basis.targets.last()) {
            (Some(first), Some(last)) => {
                self.past(basis, first.saturating_sub(self.ladder.reach()), *last + 1)
            }
            _ => Past::new(0),
        });
        pasts.collect()
    }

    /// The features of the step `ahead` of a position, those of leading signals last.
    fn features(&self, past: &Past, origin: usize, ahead: usize) -> Vec<f64> {
        self.leads.join(self.ladder.features(past, origin, ahead), origin)
    }

    /// Learns the coefficients of every distance up to `farthest`.
    pub(super) fn learn(&self, pasts: &[Past], farthest: usize) -> Learned {
        let edges = edges(self.timeline.per_day, farthest);
        let lower = std::iter::once(0).chain(edges.iter().copied());
        let reaches = lower.zip(&edges).map(|(from, until)| {
            let cases = self.cases(pasts, from, *until);
            self.reach(&cases, (from + until).div_ceil(2), *until)
        });
        Learned(reaches.collect())
    }

    /// Ordinary steps of the past with what was known before them.
    fn cases(&self, pasts: &[Past], from: usize, until: usize) -> Vec<Case> {
        let total: usize = self.bases.iter().map(|basis| basis.targets.len()).sum();
        let stride = (total as f64 / CASES as f64).max(1.0);
        let mut cases = Vec::new();
        let (mut next, mut seen) = (0.0, 0_usize);
        for (basis, past) in self.bases.iter().zip(pasts) {
            for target in &basis.targets {
                seen += 1;
                if (seen as f64) < next {
                    continue;
                }
                next += stride;
                let step = &self.timeline.steps[*target];
                let spread = (seen as f64 * GOLDEN).fract() * (until - from) as f64;
                let ahead = from + 1 + spread as usize;
                let Some(origin) = (target + 1).checked_sub(ahead) else { continue };
                if self.overlay.moved(step.ts) || origin < self.ladder.longest() / 2 {
                    continue;
                }
                let Some(y) = residual(step, basis, self.overlay, None) else { continue };
                let x = self.features(past, origin, ahead);
                cases.push(Case {
                    age: (self.timeline.known - target) as f64 / self.timeline.per_day as f64,
                    x,
                    unrest: self.ladder.unrest(past, origin, ahead),
                    y,
                });
            }
        }
        cases
    }

    fn reach(&self, cases: &[Case], middle: usize, until: usize) -> Reach {
        let rows: Vec<(Vec<f64>, f64)> = cases.iter().map(|case| (case.x.clone(), case.y)).collect();
        let own = self.ladder.expected(middle);
        let mut centers = vec![own.clone()];
        if self.leads.width() > 0 {
            centers.push([&own[..], &vec![0.0; self.leads.width()]].concat());
        }
        let fold = |index: usize| index * FOLDS / rows.len().max(1);
        let honest = |prior: &Prior| -> Vec<f64> {
            let mut errors = Vec::with_capacity(rows.len());
            for part in 0..FOLDS {
                let others: Vec<_> = rows
                    .iter()
                    .enumerate()
                    .filter(|(i, _)| fold(*i) != part)
                    .map(|(_, r)| r.clone())
                    .collect();
                let beta = solve::fit(&others, prior);
                let own = rows.iter().enumerate().filter(|(i, _)| fold(*i) == part);
                errors.extend(own.map(|(_, (x, y))| y - dot(x, &beta).clamp(-CLIP, CLIP)));
            }
            errors
        };
        let cost = |errors: &[f64], prior: &Prior| {
            let doubt = if prior.center.len() > own.len() { 1.0 + WORTH } else { 1.0 };
            errors.iter().map(|e| e.abs()).sum::<f64>() * doubt
        };
        let priors = centers
            .iter()
            .flat_map(|center| WEIGHTS.into_iter().map(|weight| Prior { center: center.clone(), weight }));
        let mut tried: Vec<(Vec<f64>, Prior)> = priors.map(|prior| (honest(&prior), prior)).collect();
        tried.sort_by(|a, b| cost(&a.0, &a.1).total_cmp(&cost(&b.0, &b.1)));
        let (errors, prior) = tried.swap_remove(0);
        let beta = solve::fit(&rows, &prior);
        let typical = median(errors.iter().map(|e| e.abs()).collect()).unwrap_or(0.3).max(1e-3);
        let sizes: Vec<(Vec<f64>, f64)> = cases
            .iter()
            .zip(&errors)
            .map(|(case, error)| (case.unrest.clone(), (error.abs() + 0.1 * typical).ln()))
            .collect();
        let mut calm = vec![0.0; cases.first().map_or(5, |case| case.unrest.len())];
        if let Some(last) = calm.last_mut() {
            *last = typical.ln();
        }
        let gamma = solve::fit(&sizes, &Prior { center: calm, weight: 20.0 });
        let mut reach = Reach { until, beta, gamma, misses: Vec::new(), farthest: 0.0 };
        reach.farthest = conformal::farthest(&errors);
        reach.misses = cases
            .iter()
            .zip(&errors)
            .filter(|(c, _)| c.age < MISS_DAYS)
            .map(|(case, e)| e / reach.scale(&case.unrest))
            .collect();
        reach
    }

    /// Each step in an event: the level that the close of the day before let expect, how it stood to that, and the
    /// size of a usual miss. Logarithms.
    fn moved<'b>(
        &'b self,
        pasts: &'b [Past],
        learned: &'b Learned,
    ) -> impl Iterator<Item = (&'b Step, f64, f64, f64)> + 'b {
        let steps = &self.timeline.steps;
        self.bases.iter().zip(pasts).flat_map(move |(basis, past)| {
            basis.targets.iter().filter_map(move |target| {
                let step = &steps[*target];
                let seen = basis.against(step).filter(|_| self.overlay.moved(step.ts))?;
                let today = steps[..*target].iter().rev().take_while(|s| s.slot.day == step.slot.day).count();
                let (origin, ahead) = (target - today, today + 1);
                let reach = learned.reach(ahead);
                let deviation = reach.deviation(&self.features(past, origin, ahead));
                let level = basis.log(step.slot.key) + deviation;
                let log = seen - deviation;
                Some((step, level, log, reach.scale(&self.ladder.unrest(past, origin, ahead))))
            })
        })
    }

    /// How the steps in events stood to what an ordinary day would have brought.
    pub(super) fn samples(&self, pasts: &[Past], learned: &Learned) -> Vec<Sample> {
        let moved = self.moved(pasts, learned);
        moved
            .map(|(step, _, log, _)| Sample { ts: step.ts, bucket: step.slot.bucket, ratio: log.exp() })
            .collect()
    }

    /// How the multipliers of events vary with the level.
    pub(super) fn tilt(&self, pasts: &[Past], learned: &Learned) -> Tilt {
        let Some(effects) = self.effects else { return Tilt::default() };
        let lifts = self.moved(pasts, learned).filter_map(|(step, level, log, _)| {
            let (event, effect) = moved_by(self.overlay, effects, step.ts, step.slot, true);
            let moment = self.overlay.moment(event?, step.ts, step.slot.bucket);
            Some(Lift { moment, level, miss: log - effect })
        });
        Tilt::fit(&lifts.collect::<Vec<_>>())
    }

    /// The misses of all forecasts of the past: of ordinary steps by distance, of steps in events by group.
    pub(super) fn misses(&self, pasts: &[Past], learned: &Learned, tilt: &Tilt) -> Misses {
        let ordinary = learned.0.iter().map(|reach| (reach.misses.clone(), reach.farthest)).collect();
        let Some(effects) = self.effects else { return Misses::new(ordinary, Vec::new(), |_| 0) };
        let events = self.moved(pasts, learned).filter_map(|(step, level, log, scale)| {
            let (event, effect) = moved_by(self.overlay, effects, step.ts, step.slot, true);
            let moment = self.overlay.moment(event?, step.ts, step.slot.bucket);
            let log = log - effect - tilt.at(moment, level);
            Some(Miss { moment, log, size: log / scale })
        });
        Misses::new(ordinary, events.collect(), |group| effects.occurrences(group))
    }
}

/// The farthest step of each distance class: doubling up to half a day, then in days.
fn edges(per_day: usize, farthest: usize) -> Vec<usize> {
    let short = std::iter::successors(Some(1), |e| Some(e * 2)).take_while(|e| e * 2 <= per_day);
    let days = [1, 2, 4, 7, 14].map(|days| days * per_day);
    let mut edges: Vec<usize> = short.chain(days).take_while(|edge| *edge < farthest).collect();
    edges.push(farthest);
    edges.dedup();
    edges
}

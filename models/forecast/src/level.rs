//! The level of the coming days, from the levels of the past ones.

use std::collections::BTreeMap;

use crate::series::median;

/// Candidate half-lives, in days that have a level.
const HALF_LIVES: [f64; 4] = [1.0, 2.0, 4.0, 8.0];
/// How far (natural logarithm) one day may stand from the median of the seven before it.
const CLIP: f64 = 1.0;

/// An exponentially weighted mean of log levels, each clipped to a factor e around the week before it: an outage
/// or a freak day moves it little, a change that stays is followed within days.
#[derive(Debug, Clone)]
pub(super) struct LevelModel {
    days: Vec<i32>,
    logs: Vec<f64>,
    half_life: f64,
}

impl LevelModel {
    /// Takes the levels by day and picks the half-life that would have foreseen them best.
    pub(super) fn fit(levels: &BTreeMap<i32, f64>) -> Self {
        let days: Vec<i32> = levels.keys().copied().collect();
        let raw: Vec<f64> = levels.values().map(|l| l.ln()).collect();
        let logs = (0..raw.len())
            .map(|i| {
                let week = raw[i.saturating_sub(7)..i].to_vec();
                median(week).map_or(raw[i], |m| raw[i].clamp(m - CLIP, m + CLIP))
            })
            .collect();
        let mut model = Self { days, logs, half_life: 2.0 };
        let error = |half_life: f64| {
            let candidate = Self { half_life, ..model.clone() };
            (1..candidate.logs.len()).map(|i| (candidate.mean(i) - raw[i]).abs()).sum::<f64>()
        };
        if model.logs.len() >= 5 {
            let best = HALF_LIVES.into_iter().min_by(|a, b| error(*a).total_cmp(&error(*b)));
            model.half_life = best.unwrap_or(model.half_life);
        }
        model
    }

    /// The weighted mean of the first `count` logs.
    fn mean(&self, count: usize) -> f64 {
        let keep = 0.5_f64.powf(1.0 / self.half_life);
        let (mut sum, mut weights, mut weight) = (0.0, 0.0, 1.0);
        for log in self.logs[..count].iter().rev().take(60) {
            sum += weight * log;
            weights += weight;
            weight *= keep;
        }
        if weights > 0.0 { sum / weights } else { 0.0 }
    }

    /// The level foreseen from the days up to and including `last`, if there are any.
    pub(super) fn foreseen(&self, last: i32) -> Option<f64> {
        let count = self.days.partition_point(|d| *d <= last);
        (count > 0).then(|| self.mean(count).exp())
    }
}

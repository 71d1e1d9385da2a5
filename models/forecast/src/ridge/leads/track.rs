//! One side of a signal, its size or its moves, against what was usual for it.

use std::collections::HashMap;

use super::super::features::Past;

/// Minutes of a day that share what is usual.
const CELL: u32 = 30;
/// Days that make what is usual.
const USUAL_DAYS: u32 = 20;
/// No ratio counts for more.
const MOST: f64 = 50.0;
/// So many times the usual spread is calm.
const CALM: f64 = 2.0;
/// Added to ratios before the logarithm, so that silence is no further from the usual than a burst.
const FLOOR: f64 = 0.1;

/// A running mean.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Mean {
    mean: f64,
    count: f64,
}

impl Mean {
    pub(super) fn extend(&mut self, value: Option<f64>) {
        self.count += f64::from(u8::from(value.is_some()));
        self.mean += value.map_or(0.0, |value| (value - self.mean) / self.count);
    }

    pub(super) fn value(self) -> Option<f64> {
        (self.count > 0.0).then_some(self.mean)
    }
}

/// The sizes or the moves of a signal, against what was usual at their time.
#[derive(Debug, Clone)]
pub(super) struct Track {
    usual: HashMap<u32, Mean>,
    /// From so many steps on what is usual forgets.
    most: f64,
    ratios: Past,
    /// The windows looked at, each with how far the logarithm over it usually lies from 0.
    windows: Vec<(usize, f64)>,
}

impl Track {
    pub(super) fn new(step_minutes: u32) -> Self {
        let most = f64::from(USUAL_DAYS * (CELL / step_minutes.max(1)).max(1));
        Self { usual: HashMap::new(), most, ratios: Past::new(0), windows: Vec::new() }
    }

    /// Takes in what there was at the next step, which has this phase.
    pub(super) fn push(&mut self, key: u32, value: Option<f64>) {
        let usual = self.usual.entry(key / CELL).or_default();
        let ratio = value.zip(usual.value()).map(|(value, usual)| {
            let silent = usual <= 0.0 && value <= 0.0;
            if silent { 1.0 } else { (value / usual).min(MOST) }
        });
        self.ratios.push(ratio);
        usual.count = usual.count.min(self.most);
        usual.extend(value);
    }

    /// Measures how far the ratio over each window usually strays.
    pub(super) fn measure(&mut self, windows: &[usize], known: usize) {
        let spread = |window: &usize| {
            let mut mean = Mean::default();
            (1..=known).for_each(|at| mean.extend(self.log(at, *window).map(f64::abs)));
            (*window, mean.mean)
        };
        self.windows = windows.iter().map(spread).collect();
    }

    pub(super) fn forget(&mut self, before: usize) {
        self.ratios.forget(before);
    }

    /// The logarithm of the mean ratio over a window that ends at a position.
    fn log(&self, origin: usize, window: usize) -> Option<f64> {
        let ratio = self.ratios.mean(origin.saturating_sub(window), origin)?;
        Some(((ratio + FLOOR) / (1.0 + FLOOR)).ln())
    }

    /// For each window what of the logarithm lies beyond the usual spread.
    pub(super) fn features(&self, origin: usize) -> impl Iterator<Item = f64> {
        self.windows.iter().map(move |(window, spread)| {
            let log = self.log(origin, *window).unwrap_or(0.0);
            (log.abs() - CALM * spread).max(0.0).copysign(log)
        })
    }
}

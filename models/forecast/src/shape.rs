//! The shape of a day: what each minute has of the day's level, as medians over like days.

use std::collections::BTreeMap;

use crate::phase::PhaseCalendar;
use crate::series::{median, weighted_median};

const DAY: usize = 1440;
/// Rounds of the alternation between levels and shape; three move the fit by less than a per mille.
const ROUNDS: usize = 3;

/// One measured step, placed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Point {
    pub(super) day: i32,
    pub(super) key: u32,
    pub(super) value: f64,
}

/// The shape, one value per phase; multiplied by a level it is the demand of an ordinary day.
#[derive(Debug, Clone)]
pub(super) struct Shape {
    step: usize,
    per_row: usize,
    values: Vec<f64>,
    /// The weight of a median day: the sum of the shape over its points.
    usual: f64,
}

impl Shape {
    /// Fits demand = level(day) x shape(phase) in the sense of least absolute errors, by alternating medians.
    /// Days of an outage get a low level of their own and leave the shape alone.
    pub(super) fn fit(points: &[Point], phases: &PhaseCalendar, step_minutes: u32) -> Self {
        let step = step_minutes.max(1) as usize;
        let per_row = DAY.div_ceil(step);
        let mut shape = Self { step, per_row, values: vec![f64::NAN; per_row * phases.rows()], usual: 0.0 };
        let mut levels: BTreeMap<i32, f64> = BTreeMap::new();
        for _ in 0..ROUNDS {
            let mut ratios: Vec<Vec<f64>> = vec![Vec::new(); shape.values.len()];
            for point in points {
                let level = levels.get(&point.day).copied().unwrap_or(1.0);
                if level > 0.0 {
                    ratios[shape.index(point.key)].push(point.value / level);
                }
            }
            let counts: Vec<usize> = ratios.iter().map(Vec::len).collect();
            shape.values = ratios.into_iter().map(|r| median(r).unwrap_or(f64::NAN)).collect();
            shape.smooth(&counts, phases);
            shape.fill();
            shape.usual = median(shape.by_day(points).values().map(weight).collect()).unwrap_or(0.0);
            levels = shape.levels(points);
        }
        shape
    }

    fn index(&self, key: u32) -> usize {
        let key = key as usize;
        key / DAY * self.per_row + key % DAY / self.step
    }

    /// Means over the neighbours, further when few days were seen, never across an open or a close.
    fn smooth(&mut self, counts: &[usize], phases: &PhaseCalendar) {
        if self.step >= 15 {
            return;
        }
        let raw = self.values.clone();
        for row in 0..phases.rows() {
            let mut edges: Vec<usize> = phases.edges(row).iter().map(|m| *m as usize / self.step).collect();
            edges.insert(0, 0);
            edges.push(self.per_row);
            for segment in edges.windows(2) {
                for at in segment[0]..segment[1] {
                    let here = row * self.per_row + at;
                    let minutes = match counts[here] {
                        0..4 => 7,
                        4..10 => 4,
                        _ => 2,
                    };
                    let reach = minutes / self.step;
                    let low = at.saturating_sub(reach).max(segment[0]);
                    let high = (at + reach + 1).min(segment[1]);
                    let near = &raw[row * self.per_row + low..row * self.per_row + high];
                    let seen: Vec<f64> = near.iter().copied().filter(|v| !v.is_nan()).collect();
                    if !seen.is_empty() {
                        self.values[here] = seen.iter().sum::<f64>() / seen.len() as f64;
                    }
                }
            }
        }
    }

    /// Gives minutes never seen the value of the nearest one seen within two hours. In a blend the hours of two
    /// venues meet elsewhere once one of them has changed to summer time.
    fn fill(&mut self) {
        let reach = 120 / self.step;
        for row in self.values.chunks_mut(self.per_row) {
            let raw = row.to_vec();
            for (at, value) in row.iter_mut().enumerate().filter(|(_, value)| value.is_nan()) {
                let before = (1..=reach.min(at)).map(|d| (d, raw[at - d]));
                let after = (1..=reach.min(raw.len() - 1 - at)).map(|d| (d, raw[at + d]));
                let seen = |near: &(usize, f64)| !near.1.is_nan();
                let nearest = [before.into_iter().find(seen), after.into_iter().find(seen)];
                if let Some((_, near)) = nearest.into_iter().flatten().min_by_key(|(distance, _)| *distance) {
                    *value = near;
                }
            }
        }
    }

    /// The level of each day whose points carry at least a quarter of a median day's weight.
    pub(super) fn levels(&self, points: &[Point]) -> BTreeMap<i32, f64> {
        let days = self.by_day(points).into_iter();
        days.filter_map(|(day, seen)| Some((day, self.level(seen)?))).collect()
    }

    /// The level of one day from the points seen of it, under the same condition.
    pub(super) fn level_of(&self, points: &[Point]) -> Option<f64> {
        self.by_day(points).into_values().find_map(|seen| self.level(seen))
    }

    fn level(&self, seen: Vec<(f64, f64)>) -> Option<f64> {
        let enough = weight(&seen) >= self.usual / 4.0;
        weighted_median(seen).filter(|level| enough && *level > 0.0)
    }

    /// The ratio to the shape and the shape itself of each point, by day.
    fn by_day(&self, points: &[Point]) -> BTreeMap<i32, Vec<(f64, f64)>> {
        let mut days: BTreeMap<i32, Vec<(f64, f64)>> = BTreeMap::new();
        for point in points {
            let shape = self.value(point.key);
            if shape > 0.0 {
                days.entry(point.day).or_default().push((point.value / shape, shape));
            }
        }
        days
    }

    /// The shape at a phase. A phase never seen takes the other day class's value at that minute: capacity for a
    /// trading day on an unknown holiday is the safe side.
    pub(super) fn value(&self, key: u32) -> f64 {
        let here = self.values[self.index(key)];
        if !here.is_nan() {
            return here;
        }
        let row = key as usize / DAY;
        let other = self.values[(row ^ 1) * self.per_row + key as usize % DAY / self.step];
        if other.is_nan() { 0.0 } else { other }
    }
}

#[allow(clippy::ptr_arg, reason = "mapped over the values of a map of vectors")]
fn weight(seen: &Vec<(f64, f64)>) -> f64 {
    seen.iter().map(|(_, weight)| weight).sum()
}

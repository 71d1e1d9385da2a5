//! The past as a row of forecasts: each stretch of days foreseen from what lay before or beside it.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use crate::effects::{Effects, Overlay};
use crate::level::LevelModel;
use crate::phase::Slot;
use crate::shape::{Point, Shape};
use crate::spread::{REACHES, Stratum};

/// Days from which a shape is taken.
pub(super) const SHAPE_DAYS: usize = 60;
/// Days that share a shape in the residuals.
const BLOCK: usize = 10;
/// From this many days on, shapes of the past are taken from the days before them.
const LONG: usize = 21;

/// A step of the history, placed.
pub(super) struct Placed {
    pub(super) ts: DateTime<Utc>,
    pub(super) slot: Slot,
    pub(super) value: f64,
    /// Whether an event with a multiplier touches it.
    pub(super) moved: bool,
}

impl Placed {
    pub(super) fn point(&self) -> Point {
        Point { day: self.slot.day, key: self.slot.key, value: self.value }
    }

    /// The point with what its events did taken out; nothing while that is unknown.
    pub(super) fn settled(&self, effects: Option<&Effects>, overlay: &Overlay) -> Option<Point> {
        if !self.moved {
            return Some(self.point());
        }
        let (_, log) = stratum(overlay, effects?, self.ts, self.slot, false);
        Some(Point { value: self.value / log.exp(), ..self.point() })
    }
}

/// Some days of the past with the shape that was taken from others.
pub(super) struct Stretch<'a> {
    pub(super) shape: Shape,
    /// The days foreseen.
    pub(super) block: Vec<i32>,
    /// The days the shape is from.
    pub(super) window: Vec<i32>,
    pub(super) placed: &'a [Placed],
}

impl<'a> Stretch<'a> {
    /// The demand of an ordinary day for each step of the block, foreseen from each of [`REACHES`] days before.
    pub(super) fn forecast(
        &self,
        effects: Option<&Effects>,
        overlay: &Overlay,
    ) -> Vec<(&'a Placed, [Option<f64>; 3])> {
        let until = [self.window[0].min(self.block[0]), self.block[self.block.len() - 1]];
        let points: Vec<Point> =
            between(self.placed, &until).iter().filter_map(|p| p.settled(effects, overlay)).collect();
        let level = LevelModel::fit(&self.shape.levels(&points));
        let own = between(self.placed, &self.block)
            .iter()
            .filter(|p| self.block.binary_search(&p.slot.day).is_ok());
        let days = self.block.iter().map(|day| (*day, REACHES.map(|reach| level.foreseen(day - reach))));
        let foreseen: BTreeMap<i32, [Option<f64>; 3]> = days.collect();
        own.map(|p| (p, foreseen[&p.slot.day].map(|level| level.map(|l| l * self.shape.value(p.slot.key)))))
            .collect()
    }
}

/// The stratum of a step and the sum of its events' log multipliers; `honest` leaves out what the step itself taught.
pub(super) fn stratum(
    overlay: &Overlay,
    effects: &Effects,
    ts: DateTime<Utc>,
    slot: Slot,
    honest: bool,
) -> (Stratum, f64) {
    let (strongest, sum) = moved_by(overlay, effects, ts, slot, honest);
    (strongest.map_or(Stratum::Ordinary(slot.bucket), |event| Stratum::Event(overlay.groups[event])), sum)
}

/// The event that moves a step most, and the sum of all its events' log multipliers.
pub(super) fn moved_by(
    overlay: &Overlay,
    effects: &Effects,
    ts: DateTime<Utc>,
    slot: Slot,
    honest: bool,
) -> (Option<usize>, f64) {
    let mut sum = 0.0;
    let mut strongest: Option<(usize, f64)> = None;
    for event in overlay.at(ts) {
        if overlay.events[*event].class.in_shape() {
            continue;
        }
        let log = effects.log(*event, ts, slot.bucket, overlay, honest.then_some(*event));
        sum += log;
        if strongest.is_none_or(|(_, other)| log.abs() > other.abs()) {
            strongest = Some((*event, log));
        }
    }
    (strongest.map(|(event, _)| event), sum)
}

/// The steps from the first to the last of some days, which are in order, as steps are.
pub(super) fn between<'a>(placed: &'a [Placed], days: &[i32]) -> &'a [Placed] {
    let (Some(first), Some(last)) = (days.first(), days.last()) else { return &[] };
    &placed[placed.partition_point(|p| p.slot.day < *first)..placed.partition_point(|p| p.slot.day <= *last)]
}

/// Pairs of days to forecast and the days their shape is taken from.
pub(super) fn blocks(days: &[i32]) -> Vec<(Vec<i32>, Vec<i32>)> {
    let folds = |days: &[i32]| -> Vec<(Vec<i32>, Vec<i32>)> {
        let count = days.len().min(4);
        (0..count)
            .map(|fold| {
                let indexed = || days.iter().enumerate();
                let own = indexed().filter(|(i, _)| i % count == fold).map(|(_, d)| *d).collect();
                let rest = indexed().filter(|(i, _)| i % count != fold).map(|(_, d)| *d).collect();
                (own, rest)
            })
            .collect()
    };
    if days.len() < 2 {
        return Vec::new();
    }
    let head = days.len().min(LONG);
    let mut blocks = folds(&days[..head]);
    let mut at = head;
    while at < days.len() {
        let end = (at + BLOCK).min(days.len());
        blocks.push((days[at..end].to_vec(), days[at.saturating_sub(SHAPE_DAYS)..at].to_vec()));
        at = end;
    }
    blocks
}

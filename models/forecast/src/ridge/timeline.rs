//! Time as a service lives it: only the steps in which it is usually measured.
//!
//! A market's nights and weekends then take no time at all, and "a day ago" is the session before. A service that
//! never sleeps lives every step.

use chrono::{DateTime, Duration, Utc};

use crate::phase::{PhaseCalendar, Slot};
use crate::series::Series;

/// A phase measured less often than this share of the commonest one of its row is not lived.
const RARE: f64 = 0.2;
/// The same against the commonest phase of all: a few stray points on holidays open no market.
const STRAY: f64 = 0.02;
const DAY: u32 = 1440;

/// A lived step.
#[derive(Debug, Clone, Copy)]
pub(super) struct Step {
    pub(super) ts: DateTime<Utc>,
    pub(super) slot: Slot,
    /// Demand, where it is known and was measured.
    pub(super) value: Option<f64>,
}

/// The lived steps of a history and of the time after it.
#[derive(Debug, Clone)]
pub(super) struct Timeline {
    start: DateTime<Utc>,
    step_minutes: u32,
    /// How many lived steps lie before each step.
    before: Vec<u32>,
    /// The lived steps.
    pub(super) steps: Vec<Step>,
    /// How many of them are past.
    pub(super) known: usize,
    /// Lived steps in a usual day.
    pub(super) per_day: usize,
}

impl Timeline {
    /// Lays out a history and the `ahead` after it.
    pub(super) fn new(history: &Series, phases: &PhaseCalendar, ahead: Duration) -> Self {
        let step = history.step_minutes.max(1);
        let slots: Vec<Slot> = {
            let coming = ahead.num_minutes().max(0) as usize / step as usize + 1;
            (0..history.values.len() + coming).map(|index| phases.slot(history.at(index))).collect()
        };
        let per_row = DAY.div_ceil(step) as usize;
        let cell = |slot: &Slot| (slot.key / DAY) as usize * per_row + (slot.key % DAY / step) as usize;
        let mut counts = vec![0_usize; per_row * phases.rows()];
        for (slot, value) in slots.iter().zip(&history.values) {
            counts[cell(slot)] += usize::from(value.is_some());
        }
        let most = counts.iter().copied().max().unwrap_or(0) as f64;
        let lived: Vec<bool> = counts
            .chunks(per_row)
            .flat_map(|row| {
                let row_most = row.iter().copied().max().unwrap_or(0) as f64;
                let least = (row_most * RARE).max(most * STRAY).max(1.0);
                row.iter().map(move |count| *count as f64 >= least)
            })
            .collect();
        let mut timeline = Self {
            start: history.start,
            step_minutes: step,
            before: Vec::with_capacity(slots.len() + 1),
            steps: Vec::new(),
            known: 0,
            per_day: 1,
        };
        for (index, slot) in slots.iter().enumerate() {
            timeline.before.push(timeline.steps.len() as u32);
            if lived[cell(slot)] {
                let value = history.values.get(index).copied().flatten();
                timeline.steps.push(Step { ts: history.at(index), slot: *slot, value });
            }
            if index + 1 == history.values.len() {
                timeline.known = timeline.steps.len();
            }
        }
        timeline.per_day = timeline.usual_day();
        timeline
    }

    fn usual_day(&self) -> usize {
        let mut days: Vec<usize> =
            self.steps.chunk_by(|a, b| a.slot.day == b.slot.day).map(<[Step]>::len).collect();
        days.sort_unstable();
        days.get(days.len() / 2).copied().unwrap_or(1).max(1)
    }

    /// The number of lived steps before an instant, which is the position of the step that starts there; beyond the
    /// layout every step counts.
    pub(super) fn position(&self, ts: DateTime<Utc>) -> usize {
        let index = (ts - self.start).num_minutes().max(0) as usize / self.step_minutes as usize;
        match self.before.get(index) {
            Some(before) => *before as usize,
            None => self.steps.len() + index - self.before.len(),
        }
    }
}

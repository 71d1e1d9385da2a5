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
    pub(super) step_minutes: u32,
    /// Which phases are lived.
    lived: Vec<bool>,
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
        let per_row = DAY.div_ceil(step) as usize;
        let mut timeline = Self {
            start: history.start,
            step_minutes: step,
            before: Vec::new(),
            lived: vec![true; per_row * phases.rows()],
            steps: Vec::new(),
            known: 0,
            per_day: 1,
        };
        let mut counts = vec![0_usize; timeline.lived.len()];
        // By days: what is left of a half day falls on few phases, and one of them would outweigh all others.
        let mut last = vec![None; counts.len()];
        for (index, _) in history.values.iter().enumerate().filter(|(_, value)| value.is_some()) {
            let slot = phases.slot(history.at(index));
            let cell = timeline.cell(slot);
            counts[cell] += usize::from(last[cell].replace(slot.day) != Some(slot.day));
        }
        let most = counts.iter().copied().max().unwrap_or(0) as f64;
        for (lived, counts) in timeline.lived.chunks_mut(per_row).zip(counts.chunks(per_row)) {
            let row_most = counts.iter().copied().max().unwrap_or(0) as f64;
            let least = (row_most * RARE).max(most * STRAY).max(1.0);
            lived.iter_mut().zip(counts).for_each(|(lived, count)| *lived = *count as f64 >= least);
        }
        timeline.extend(phases, history.end());
        timeline.known = timeline.steps.len();
        for step in &mut timeline.steps {
            step.value = history.value(step.ts);
        }
        timeline.per_day = timeline.usual_day();
        timeline.extend(phases, history.end() + ahead);
        timeline
    }

    fn cell(&self, slot: Slot) -> usize {
        let per_row = DAY.div_ceil(self.step_minutes) as usize;
        (slot.key / DAY) as usize * per_row + (slot.key % DAY / self.step_minutes) as usize
    }

    /// Lays out more steps, as far as `until`.
    pub(super) fn extend(&mut self, phases: &PhaseCalendar, until: DateTime<Utc>) {
        loop {
            let minutes = self.before.len() as i64 * i64::from(self.step_minutes);
            let ts = self.start + Duration::minutes(minutes);
            if ts >= until {
                return;
            }
            self.before.push(self.steps.len() as u32);
            let slot = phases.slot(ts);
            if self.lived[self.cell(slot)] {
                self.steps.push(Step { ts, slot, value: None });
            }
        }
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

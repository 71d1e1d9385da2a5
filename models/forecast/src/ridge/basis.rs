//! The shapes that the past is seen against: each stretch of days against one from other days.

use super::timeline::{Step, Timeline};
use crate::effects::Overlay;
use crate::past::{SHAPE_DAYS, blocks};
use crate::phase::PhaseCalendar;
use crate::shape::{Point, Shape};

/// A shape in logarithms, and the days that may be forecast with it without having seen them.
#[derive(Debug, Clone)]
pub(super) struct Basis {
    shape: Shape,
    floor: f64,
    /// Positions of the steps of its days, in order.
    pub(super) targets: Vec<usize>,
}

impl Basis {
    fn new(
        days: &[i32],
        targets: Vec<usize>,
        timeline: &Timeline,
        phases: &PhaseCalendar,
        overlay: &Overlay,
        step_minutes: u32,
        floor: f64,
    ) -> Self {
        let seen = || {
            let steps = &timeline.steps[..timeline.known];
            let from = days.first().map_or(0, |day| steps.partition_point(|s| s.slot.day < *day));
            steps[from..]
                .iter()
                .take_while(|s| days.last().is_some_and(|day| s.slot.day <= *day))
                .filter(|s| days.binary_search(&s.slot.day).is_ok())
        };
        let point = |s: &Step| Some(Point { day: s.slot.day, key: s.slot.key, value: s.value? });
        let mut points: Vec<Point> = seen().filter(|s| !overlay.moved(s.ts)).filter_map(point).collect();
        if points.is_empty() {
            points = seen().filter_map(point).collect();
        }
        Self { shape: Shape::fit(&points, phases, step_minutes), floor, targets }
    }

    /// The shape of the last days, for what comes.
    pub(super) fn now(
        timeline: &Timeline,
        phases: &PhaseCalendar,
        overlay: &Overlay,
        step_minutes: u32,
        floor: f64,
    ) -> Self {
        let days = days(timeline);
        let recent = &days[days.len().saturating_sub(crate::knob("SHAPE", SHAPE_DAYS as f64) as usize)..];
        Self::new(recent, Vec::new(), timeline, phases, overlay, step_minutes, floor)
    }

    /// The logarithm of the shape at a phase.
    pub(super) fn log(&self, key: u32) -> f64 {
        (self.shape.value(key) + self.floor).ln()
    }
}

/// The shapes of all stretches of the past, the oldest first.
pub(super) fn all(
    timeline: &Timeline,
    phases: &PhaseCalendar,
    overlay: &Overlay,
    step_minutes: u32,
    floor: f64,
) -> Vec<Basis> {
    let steps = &timeline.steps[..timeline.known];
    blocks(&days(timeline))
        .into_iter()
        .map(|(own, window)| {
            let from = own.first().map_or(0, |day| steps.partition_point(|s| s.slot.day < *day));
            let until = own.last().map_or(0, |day| steps.partition_point(|s| s.slot.day <= *day));
            let targets =
                (from..until).filter(|at| own.binary_search(&steps[*at].slot.day).is_ok()).collect();
            Basis::new(&window, targets, timeline, phases, overlay, step_minutes, floor)
        })
        .collect()
}

/// The local days with a measured step, in order.
fn days(timeline: &Timeline) -> Vec<i32> {
    let measured = timeline.steps[..timeline.known].iter().filter(|s| s.value.is_some());
    let mut days: Vec<i32> = measured.map(|s| s.slot.day).collect();
    days.dedup();
    days.sort_unstable();
    days.dedup();
    days
}

//! The shapes that the past is seen against: each stretch of days against one from other days.

use super::timeline::{Step, Timeline};
use crate::effects::Overlay;
use crate::past::{SHAPE_DAYS, blocks};
use crate::phase::PhaseCalendar;
use crate::shape::{Point, Shape};

/// A twentieth of what the shape lets expect (natural logarithm).
const SILENCE: f64 = -3.0;
/// Where more of the steps than this share are so low, low steps are nothing out of the ordinary.
const RARE: f64 = 0.02;

/// A shape in logarithms, and the days that may be forecast with it without having seen them.
#[derive(Debug, Clone)]
pub(super) struct Basis {
    shape: Shape,
    /// Added to demand before its logarithm is taken.
    pub(super) floor: f64,
    /// What lies below is an outage and not a lack of demand (logarithm against the shape).
    silence: f64,
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
        floor: f64,
        silence: f64,
    ) -> Self {
        let step_minutes = timeline.step_minutes;
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
        Self { shape: Shape::fit(&points, phases, step_minutes), floor, silence, targets }
    }

    /// The shape of the last days, for what comes.
    pub(super) fn now(timeline: &Timeline, phases: &PhaseCalendar, overlay: &Overlay, floor: f64) -> Self {
        let days = days(timeline);
        let recent = &days[days.len().saturating_sub(SHAPE_DAYS)..];
        let mut now = Self::new(recent, Vec::new(), timeline, phases, overlay, floor, f64::NEG_INFINITY);
        let ratios: Vec<f64> =
            timeline.steps[..timeline.known].iter().filter_map(|s| now.against(s)).collect();
        let silent = ratios.iter().filter(|ratio| **ratio < SILENCE).count();
        if (silent as f64) < RARE * ratios.len() as f64 {
            now.silence = SILENCE;
        }
        now
    }

    /// The logarithm of a step's demand against its shape; nothing where there was no demand because of an outage.
    pub(super) fn against(&self, step: &Step) -> Option<f64> {
        let raw = (step.value? + self.floor).ln() - self.log(step.slot.key);
        (raw >= self.silence).then_some(raw)
    }

    /// The logarithm of the shape at a phase.
    pub(super) fn log(&self, key: u32) -> f64 {
        (self.shape.value(key) + self.floor).ln()
    }
}

/// The shapes of all stretches of the past, the oldest first.
pub(super) fn all(timeline: &Timeline, phases: &PhaseCalendar, overlay: &Overlay, now: &Basis) -> Vec<Basis> {
    let steps = &timeline.steps[..timeline.known];
    blocks(&days(timeline))
        .into_iter()
        .map(|(own, window)| {
            let from = own.first().map_or(0, |day| steps.partition_point(|s| s.slot.day < *day));
            let until = own.last().map_or(0, |day| steps.partition_point(|s| s.slot.day <= *day));
            let targets =
                (from..until).filter(|at| own.binary_search(&steps[*at].slot.day).is_ok()).collect();
            Basis::new(&window, targets, timeline, phases, overlay, now.floor, now.silence)
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

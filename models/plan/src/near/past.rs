//! What the minutes that came taught of the forecasts made for them.

use std::collections::VecDeque;

use chrono::{DateTime, Duration, Utc};
use headroom_forecast::QUANTILES;

use super::PLACE_MINUTES;

/// What is expected of a scale weighs as much as an hour in which demand strayed by a twentieth (squared logarithms).
const FOLLOW_WEIGHT: f64 = 60.0 * 0.05 * 0.05;
/// What a minute taught of it weighs half after a day.
const FOLLOW_HALF_LIFE: f64 = 1440.0;
/// No minute teaches more than this (natural logarithm): an outage says nothing of other minutes.
const FOLLOW_CLIP: f64 = 0.7;
/// Errors remembered of each class: two weeks of minutes.
const REMEMBERED: usize = 20_160;
/// The errors' quantiles are taken anew once there are a twentieth more, and after an hour at the latest.
const SETTLE_SHARE: usize = 20;
const SETTLE: usize = 60;

/// The errors of one place.
#[derive(Debug, Clone, Default)]
pub(super) struct Errors {
    /// Measured demand over the near median, the newest last.
    pub(super) ratios: VecDeque<f64>,
    pub(super) quantiles: [f64; 6],
    unsettled: usize,
    last: Option<DateTime<Utc>>,
}

/// How much of a scale was found in the demand that came after the lead: a regression through the origin, in
/// logarithms, shrunk toward what is expected of the forecaster.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Follow {
    both: f64,
    square: f64,
}

impl Follow {
    /// Takes in how the last minutes had stood to the forecast, and how the demand then did.
    pub(super) fn learn(&mut self, scale: f64, ratio: f64) {
        let [x, y] = [scale, ratio].map(|factor| factor.max(1e-9).ln().clamp(-FOLLOW_CLIP, FOLLOW_CLIP));
        let keep = 0.5_f64.powf(1.0 / FOLLOW_HALF_LIFE);
        self.both = self.both * keep + x * y;
        self.square = self.square * keep + x * x;
    }

    /// The share of a scale that is likely to last until the lead is over.
    pub(super) fn share(&self, expected: f64) -> f64 {
        let share = (self.both + FOLLOW_WEIGHT * expected) / (self.square + FOLLOW_WEIGHT);
        share.clamp(0.0, 1.0)
    }
}

impl Errors {
    /// Of a part of an event the farthest error counts: its minutes stray together, and a plan must hold for all of it.
    pub(super) fn add_of_part(&mut self, ratio: f64, ts: DateTime<Utc>) {
        let same = self.last.replace(ts).is_some_and(|last| ts - last < Duration::minutes(2 * PLACE_MINUTES));
        match self.ratios.back_mut().filter(|_| same) {
            Some(farthest) if *farthest >= ratio => {}
            Some(farthest) => {
                *farthest = ratio;
                self.settle();
            }
            None => self.add(ratio),
        }
    }

    pub(super) fn add(&mut self, ratio: f64) {
        self.ratios.push_back(ratio);
        if self.ratios.len() > REMEMBERED {
            self.ratios.pop_front();
        }
        if self.unsettled == 0 {
            self.settle();
        }
        self.unsettled -= 1;
    }

    fn settle(&mut self) {
        let mut sorted: Vec<f64> = self.ratios.iter().copied().collect();
        sorted.sort_unstable_by(f64::total_cmp);
        self.quantiles = QUANTILES.map(|p| {
            let rank = ((sorted.len() + 1) as f64 * p).ceil() as usize;
            sorted[rank.clamp(1, sorted.len()) - 1]
        });
        self.unsettled = (sorted.len() / SETTLE_SHARE).clamp(1, SETTLE);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scale_counts_by_as_much_as_lasted() {
        let mut lasting = Follow::default();
        let mut gone = Follow::default();
        assert_eq!((lasting.share(1.0), gone.share(0.0)), (1.0, 0.0), "what is expected, at first");
        for minute in 0..600 {
            let scale = if minute % 3 == 0 { 1.2 } else { 0.9 };
            lasting.learn(scale, scale);
            gone.learn(scale, if minute % 2 == 0 { 1.1 } else { 1.0 / 1.1 });
        }
        assert!(lasting.share(0.0) > 0.95, "{lasting:?}");
        assert!(gone.share(1.0) < 0.1, "{gone:?}");
    }

    #[test]
    fn a_part_of_an_event_has_one_error_the_farthest() {
        let (start, mut errors) = (DateTime::UNIX_EPOCH, Errors::default());
        for (day, ratios) in [[1.0, 1.3, 1.1], [0.9, 0.8, 1.0]].iter().enumerate() {
            for (minute, ratio) in ratios.iter().enumerate() {
                errors.add_of_part(*ratio, start + Duration::minutes((day * 1440 + minute) as i64));
            }
        }
        assert_eq!(errors.ratios, [1.3, 1.0]);
        assert_eq!(errors.quantiles[5], 1.3);
    }
}

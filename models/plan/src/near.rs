//! The next minutes: what the last ones say of them, and how sure that is.
//!
//! A forecaster's quantiles are those of forecasts made a day and more ahead. A plan acts minutes ahead, when far
//! more is known. [`Near`] scales the forecast to the demand of the last minutes, keeps how far such forecasts were
//! off over the planner's own lead, by class of event, and takes the quantiles of the next minutes from that:
//! split-conformal, with the rank ceil((n + 1) p). Further ahead the forecaster's own quantiles take over.

use std::collections::{BTreeMap, VecDeque};

use chrono::{DateTime, Duration, Utc};
use headroom_calendar::EventClass;
use headroom_forecast::{Fitted, Prediction, QUANTILES};

use crate::needs;

/// The demand is scaled to the last few minutes. A fall to less than half of the last half hour may be an outage: until
/// it lasts, the half hour counts.
const WINDOWS: [usize; 2] = [5, 30];
/// Bounds of that scale.
const SCALE: (f64, f64) = (0.1, 10.0);
/// Minutes after which the scale, and beyond the lead the near quantiles, have lost half of their weight.
const HALF_LIFE: f64 = 30.0;
/// Errors remembered of each class: two weeks of minutes.
const REMEMBERED: usize = 20_160;
/// So many errors weigh as much as the forecaster's own spread.
const BLEND: f64 = 300.0;
/// So many errors of one quarter of an hour, those of three events, weigh as much as all of their class.
const BLEND_PLACE: f64 = 45.0;
/// Minutes between two looks at the errors' quantiles.
const SETTLE: usize = 60;

/// Where a minute stands: the class of the event that moves it, and the quarter of an hour since that began to.
type Place = (Option<EventClass>, Option<u8>);

/// The errors of one place.
#[derive(Debug, Clone, Default)]
struct Errors {
    /// Measured demand over the near median, the newest last.
    ratios: VecDeque<f64>,
    quantiles: [f64; 6],
    unsettled: usize,
}

/// Forecasts of the next minutes for one service.
#[derive(Debug, Clone)]
pub struct Near {
    lead: usize,
    /// By class of event, all its minutes together and each quarter of an hour since it began.
    errors: BTreeMap<Place, Errors>,
    /// Medians given for a minute over the lead, the earliest first.
    given: VecDeque<(DateTime<Utc>, Place, f64)>,
    /// The forecaster's median and the measured demand of the last minutes, the newest last.
    recent: VecDeque<(f64, f64)>,
    /// The forecaster's medians of minutes not measured yet.
    coming: BTreeMap<DateTime<Utc>, f64>,
}

impl Near {
    /// For plans that look so many minutes ahead.
    pub fn new(lead_minutes: u32) -> Self {
        Self {
            lead: lead_minutes as usize,
            errors: BTreeMap::new(),
            given: VecDeque::new(),
            recent: VecDeque::new(),
            coming: BTreeMap::new(),
        }
    }

    /// Takes in a minute that was measured. Minutes must come in the order of time; what is no demand is left out.
    pub fn observe(&mut self, ts: DateTime<Utc>, demand: f64) {
        if !(demand.is_finite() && demand >= 0.0) {
            return;
        }
        let later = self.coming.split_off(&(ts + Duration::minutes(1)));
        let median = std::mem::replace(&mut self.coming, later).get(&ts).copied();
        if let Some(median) = median {
            self.recent.push_back((median, demand));
            let surplus = self.recent.len().saturating_sub(WINDOWS[1]);
            self.recent.drain(..surplus);
        }
        while let Some((given_for, class, median)) = self.given.front().copied().filter(|(at, ..)| *at <= ts)
        {
            self.given.pop_front();
            if given_for == ts {
                self.errors.entry(class).or_default().add(ratio(demand, median));
            }
        }
    }

    /// The next `minutes` from `now` on.
    pub fn forecast(&mut self, model: &dyn Fitted, now: DateTime<Utc>, minutes: usize) -> Vec<Prediction> {
        let base: Vec<Prediction> =
            (0..minutes).map(|i| model.predict(now + Duration::minutes(i as i64))).collect();
        for prediction in base.iter().take(WINDOWS[1]) {
            self.coming.insert(prediction.ts, prediction.median());
        }
        let scale = self.scale();
        if let Some(last) =
            base.get(self.lead).filter(|p| self.given.back().is_none_or(|(ts, ..)| *ts < p.ts))
        {
            self.given.push_back((last.ts, place(last), last.median() * faded(scale, self.lead)));
        }
        base.into_iter().enumerate().map(|(ahead, prediction)| self.near(prediction, ahead, scale)).collect()
    }

    /// How the last minutes stand to their forecast.
    fn scale(&self) -> f64 {
        let over = |minutes: usize| {
            let window = self.recent.iter().rev().take(minutes);
            let (median, demand) =
                window.fold((0.0, 0.0), |(m, d), (median, demand)| (m + median, d + demand));
            if median > 0.0 { demand / median } else { 1.0 }
        };
        let [short, long] = WINDOWS.map(over);
        let scale = if short < long / 2.0 { long } else { short };
        scale.clamp(SCALE.0, SCALE.1)
    }

    fn near(&self, mut prediction: Prediction, ahead: usize, scale: f64) -> Prediction {
        let factor = faded(scale, ahead);
        let median = prediction.median() * factor;
        prediction.quantiles = prediction.quantiles.map(|q| q * factor);
        let place = place(&prediction);
        let fade = 0.5_f64.powf(ahead.saturating_sub(self.lead) as f64 / HALF_LIFE);
        let pools = [((place.0, None), BLEND), (place, BLEND_PLACE)];
        for (place, blend) in pools.into_iter().take(1 + usize::from(place.1.is_some())) {
            let Some(errors) = self.errors.get(&place) else { continue };
            let count = errors.ratios.len() as f64;
            let weight = count / (count + blend) * fade;
            for (q, error) in prediction.quantiles.iter_mut().zip(errors.quantiles) {
                *q = q.max(1e-9).powf(1.0 - weight) * (median * error).max(1e-9).powf(weight);
            }
        }
        prediction.quantiles = monotone(prediction.quantiles);
        prediction
    }
}

/// The scale so many minutes ahead.
fn faded(scale: f64, ahead: usize) -> f64 {
    scale.powf(0.5_f64.powf(ahead as f64 / HALF_LIFE))
}

/// Where a minute stands. A long event is a matter of the whole day, without quarters.
fn place(prediction: &Prediction) -> Place {
    let event = needs::strongest(prediction).map(|(event, _)| event);
    let quarter = event
        .filter(|event| event.duration.num_hours() < needs::LONG_HOURS)
        .map(|event| ((prediction.ts - event.effect_start()).num_minutes() / 15).clamp(0, 255) as u8);
    (needs::class(prediction), quarter)
}

/// Raises each quantile to the one below it.
fn monotone(mut quantiles: [f64; 6]) -> [f64; 6] {
    let mut floor = 0.0_f64;
    for q in &mut quantiles {
        floor = floor.max(*q);
        *q = floor;
    }
    quantiles
}

impl Errors {
    fn add(&mut self, ratio: f64) {
        self.ratios.push_back(ratio);
        if self.ratios.len() > REMEMBERED {
            self.ratios.pop_front();
        }
        if self.unsettled == 0 {
            let mut sorted: Vec<f64> = self.ratios.iter().copied().collect();
            sorted.sort_unstable_by(f64::total_cmp);
            self.quantiles = QUANTILES.map(|p| {
                let rank = ((sorted.len() + 1) as f64 * p).ceil() as usize;
                sorted[rank.clamp(1, sorted.len()) - 1]
            });
            self.unsettled = SETTLE.min(sorted.len());
        }
        self.unsettled -= 1;
    }
}

/// Demand over its forecast, of which a request more or less is not an error.
fn ratio(demand: f64, median: f64) -> f64 {
    (demand + 1.0) / (median + 1.0)
}

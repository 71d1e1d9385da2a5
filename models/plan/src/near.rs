//! The next minutes: what the last ones say of them, and how sure that is.
//!
//! A forecaster's quantiles are those of forecasts made a day and more ahead. A plan acts minutes ahead, when far
//! more is known. [`Near`] scales the forecast to the demand of the last minutes, by as much as that was worth of late,
//! keeps how far such forecasts were off over the planner's own lead, by class of event, and takes the quantiles of the
//! next minutes from that: split-conformal, with the rank ceil((n + 1) p). Further ahead the forecaster's own quantiles
//! take over.

mod past;

use std::collections::{BTreeMap, VecDeque};

use chrono::{DateTime, Duration, Utc};
use headroom_calendar::EventClass;
use headroom_forecast::{Fitted, Prediction};

use crate::needs;
use past::{Errors, Follow};

/// The demand is scaled to the last few minutes. A fall to less than half of the last half hour may be an outage: until
/// it lasts, the half hour counts.
const WINDOWS: [i64; 2] = [5, 30];
/// The newest measured minute may be this much older than now.
const SETTLED: i64 = 1;
/// Bounds of that scale.
const SCALE: (f64, f64) = (0.1, 10.0);
/// Minutes beyond the lead after which the scale and the near quantiles have lost half of their weight.
const HALF_LIFE: f64 = 30.0;
/// So many errors weigh as much as the forecaster's own spread.
const BLEND: f64 = 300.0;
/// Minutes of an event whose errors are alike.
const PLACE_MINUTES: i64 = 5;
/// So many errors of one place, those of three events, weigh as much as all of their class.
const BLEND_PLACE: f64 = 3.0;

/// Where a minute stands: the class of the event that moves it, and the part of that, in minutes since it began to.
type Place = (Option<EventClass>, Option<u8>);

/// What was given for a minute over the lead.
#[derive(Debug, Clone, Copy)]
struct Given {
    ts: DateTime<Utc>,
    place: Place,
    /// The forecaster's median, how the minutes before stood to it, and the median that came of both.
    median: f64,
    scale: f64,
    scaled: f64,
}

/// Forecasts of the next minutes for one service.
#[derive(Debug, Clone)]
pub struct Near {
    lead: usize,
    /// By class of event.
    follows: BTreeMap<Option<EventClass>, Follow>,
    /// By class of event, all its minutes together and each part of it.
    errors: BTreeMap<Place, Errors>,
    /// What was given, the earliest first.
    given: VecDeque<Given>,
    /// The measured demand of the last minutes, the newest last.
    recent: VecDeque<(DateTime<Utc>, f64)>,
}

impl Near {
    /// For plans that look so many minutes ahead.
    pub fn new(lead_minutes: u32) -> Self {
        let (given, recent) = (VecDeque::new(), VecDeque::new());
        Self { lead: lead_minutes as usize, follows: BTreeMap::new(), errors: BTreeMap::new(), given, recent }
    }

    /// Takes in a minute that was measured. Minutes must come in the order of time; what is no demand is left out.
    pub fn observe(&mut self, ts: DateTime<Utc>, demand: f64) {
        if !(demand.is_finite() && demand >= 0.0) {
            return;
        }
        self.recent.push_back((ts, demand));
        while let Some(given) = self.given.pop_front_if(|given| given.ts <= ts) {
            if given.ts < ts {
                continue;
            }
            let place = given.place;
            self.follows.entry(place.0).or_default().learn(given.scale, ratio(demand, given.median));
            let ratio = ratio(demand, given.scaled);
            self.errors.entry((place.0, None)).or_default().add(ratio);
            if place.1.is_some() {
                self.errors.entry(place).or_default().add_of_part(ratio, ts);
            }
        }
    }

    /// The next `minutes` from `now` on.
    pub fn forecast(&mut self, model: &dyn Fitted, now: DateTime<Utc>, minutes: usize) -> Vec<Prediction> {
        let base: Vec<Prediction> =
            (0..minutes).map(|i| model.predict(now + Duration::minutes(i as i64))).collect();
        let scale = self.scale(model, now);
        let expected = if model.follows_minutes() { 0.0 } else { 1.0 };
        let follow =
            |place: Place| self.follows.get(&place.0).map_or(expected, |follow| follow.share(expected));
        let target = base.get(self.lead);
        if let Some(target) = target.filter(|p| self.given.back().is_none_or(|given| given.ts < p.ts)) {
            let (place, median) = (place(target), target.median());
            let scaled = median * scale.powf(follow(place));
            self.given.push_back(Given { ts: target.ts, place, median, scale, scaled });
        }
        let near = |(ahead, prediction): (usize, Prediction)| {
            let place = place(&prediction);
            self.near(prediction, place, ahead, scale.powf(follow(place)))
        };
        base.into_iter().enumerate().map(near).collect()
    }

    /// How the last minutes stand to what the forecaster says of them.
    fn scale(&mut self, model: &dyn Fitted, now: DateTime<Utc>) -> f64 {
        let since = |minutes: i64| now - Duration::minutes(minutes + SETTLED);
        self.recent.retain(|(ts, _)| *ts >= since(WINDOWS[1]));
        let seen: Vec<(DateTime<Utc>, f64, f64)> =
            self.recent.iter().map(|(ts, demand)| (*ts, model.predict(*ts).median(), *demand)).collect();
        let over = |minutes: i64| {
            let window = seen.iter().filter(|(ts, ..)| *ts >= since(minutes));
            let (median, demand) =
                window.fold((0.0, 0.0), |(m, d), (_, median, demand)| (m + median, d + demand));
            // Also where the forecaster gives no number.
            if median > 0.0 { demand / median } else { 1.0 }
        };
        let [short, long] = WINDOWS.map(over);
        let scale = if short < long / 2.0 { long } else { short };
        scale.clamp(SCALE.0, SCALE.1)
    }

    fn near(&self, mut prediction: Prediction, place: Place, ahead: usize, scale: f64) -> Prediction {
        if prediction.quantiles.iter().any(|q| !q.is_finite()) {
            // Left as it is, so that the planner sees and names it.
            return prediction;
        }
        let fade = 0.5_f64.powf(ahead.saturating_sub(self.lead) as f64 / HALF_LIFE);
        let factor = scale.powf(fade);
        let median = prediction.median() * factor;
        prediction.quantiles = prediction.quantiles.map(|q| q * factor);
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

/// Where a minute stands. A long event is a matter of the whole day, and has no parts.
fn place(prediction: &Prediction) -> Place {
    let event = needs::strongest(prediction).map(|(event, _)| event);
    let part = event.filter(|event| event.duration.num_hours() < needs::LONG_HOURS).map(|event| {
        ((prediction.ts - event.effect_start()).num_minutes() / PLACE_MINUTES).clamp(0, 255) as u8
    });
    (needs::class(prediction), part)
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

/// Demand over its forecast, of which a request more or less is not an error.
fn ratio(demand: f64, median: f64) -> f64 {
    (demand + 1.0) / (median + 1.0)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use headroom_calendar::Event;
    use headroom_forecast::{PhaseCalendar, Series};

    use super::*;

    /// A forecaster that expects a hundred a minute, with an event of two hours each day at noon.
    struct Flat(PhaseCalendar);

    impl Fitted for Flat {
        fn observe(&mut self, _: &Series) {}

        fn predict(&self, ts: DateTime<Utc>) -> Prediction {
            let day = ts.date_naive().and_time(chrono::NaiveTime::MIN).and_utc();
            let event = Event {
                class: EventClass::Custom,
                name: "noon".into(),
                venue: None,
                start: day + Duration::hours(12),
                duration: Duration::hours(2),
                lead: Duration::zero(),
                services: Vec::new(),
                multiplier: Some(1.1),
                source: String::new(),
                known_since: None,
                confidence: 1.0,
                follows_venue: false,
            };
            let within = event.start <= ts && ts < event.end();
            let events = if within { vec![(Arc::new(event), 1.1)] } else { Vec::new() };
            Prediction { ts, quantiles: [100.0, 150.0, 200.0, 250.0, 300.0, 400.0], events }
        }

        fn phases(&self) -> &PhaseCalendar {
            &self.0
        }
    }

    /// Lets minutes pass from midnight on, and gives what is foreseen at their end.
    fn after(minutes: i64, demand: impl Fn(i64) -> f64) -> Vec<Prediction> {
        let (model, mut near) = (Flat(PhaseCalendar::Clock), Near::new(6));
        let start: DateTime<Utc> = "2026-12-07T00:00:00Z".parse().unwrap();
        for minute in 0..minutes {
            let now = start + Duration::minutes(minute);
            near.forecast(&model, now, 8);
            near.observe(now, demand(minute));
        }
        near.forecast(&model, start + Duration::minutes(minutes), 200)
    }

    #[test]
    fn the_last_minutes_set_the_level_and_their_errors_the_spread() {
        let next = after(3000, |minute| if minute % 2 == 0 { 196.0 } else { 204.0 });
        assert!((195.0..205.0).contains(&next[0].median()), "{}", next[0].median());
        assert!(next[3].at(0.95) < 240.0, "{}", next[3].at(0.95));
        let far = &next[199];
        assert!((99.0..102.0).contains(&far.median()) && far.at(0.95) > 240.0, "{:?}", far.quantiles);
    }

    #[test]
    fn an_outage_of_minutes_is_not_believed() {
        let next = after(600, |minute| if minute < 595 { 100.0 } else { 0.0 });
        assert!(next[0].median() > 80.0, "{}", next[0].median());
        let next = after(660, |minute| if minute < 600 { 100.0 } else { 10.0 });
        assert!(next[0].median() < 15.0, "what lasts is believed: {}", next[0].median());
    }

    #[test]
    fn what_an_event_does_is_learned_by_its_minutes() {
        // Ten days; the demand triples in the second half of the event.
        let demand = |minute: i64| if (780..840).contains(&(minute % 1440)) { 300.0 } else { 100.0 };
        let next = after(10 * 1440 + 779, demand);
        assert!((200.0..320.0).contains(&next[2].median()), "{}", next[2].median());
        let quiet = after(10 * 1440 + 730, demand);
        assert!((95.0..110.0).contains(&quiet[2].median()), "{}", quiet[2].median());
    }

    #[test]
    fn what_the_last_event_taught_counts_in_the_next() {
        // Ten days on which the event does nothing, then two on which the demand triples in its second half.
        let lifted = |minute: i64| minute >= 10 * 1440 && (780..840).contains(&(minute % 1440));
        let demand = |minute: i64| if lifted(minute) { 300.0 } else { 100.0 };
        let next = after(12 * 1440 + 779, demand);
        assert!(next[2].at(0.95) > 200.0, "{:?}", next[2].quantiles);
    }

    #[test]
    fn quantiles_never_fall() {
        let next = after(900, |minute| (minute * 7919 % 211) as f64);
        for prediction in next {
            assert!(prediction.quantiles.windows(2).all(|w| w[0] <= w[1] && w[0] >= 0.0), "{prediction:?}");
        }
    }
}

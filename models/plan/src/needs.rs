//! What each minute of a forecast needs: the quantile planned for, the demand at it, and the replicas.

use headroom_calendar::{Event, EventClass};
use headroom_forecast::Prediction;

use crate::ServiceCapacity;

/// An event that lifts demand by less than this is not worth naming or holding for.
const NOTABLE: f64 = 1.05;
/// A longer event is a matter of the whole day: its demand follows the session and has no peak to hold.
pub(crate) const LONG_HOURS: i64 = 4;

/// What one minute needs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Need {
    /// The probability planned for.
    pub(crate) quantile: f64,
    /// Requests per minute at it.
    pub(crate) demand: f64,
    /// The fewest replicas that reactive scaling would not raise.
    pub(crate) reactive: u32,
    /// Replicas needed, bounds left aside.
    pub(crate) replicas: u32,
    /// Replicas that serve the median: what an event is held at.
    pub(crate) expected: u32,
}

/// The needs of a forecast; `standing` is what reactive scaling asks for now, which holds for the first
/// `standing_minutes`.
pub(crate) fn of(
    forecast: &[Prediction],
    capacity: &ServiceCapacity,
    standing: u32,
    standing_minutes: usize,
) -> Vec<Need> {
    let need = |(at, prediction): (usize, &Prediction)| {
        let quantile = capacity.quantile_in(class(prediction));
        let demand = prediction.at(quantile);
        let median = capacity.left_alone(prediction.median());
        let reactive = if at < standing_minutes { median.max(standing) } else { median };
        let replicas = capacity.staffed(demand).max(reactive);
        Need { quantile, demand, reactive, replicas, expected: capacity.staffed(prediction.median()) }
    };
    forecast.iter().enumerate().map(need).collect()
}

/// Why a forecast cannot be planned from, if it cannot.
pub(crate) fn fault(forecast: &[Prediction]) -> Option<String> {
    if forecast.is_empty() {
        return Some("the forecast is empty".to_owned());
    }
    forecast.iter().find_map(|prediction| {
        let broken = prediction.quantiles.iter().find(|q| !q.is_finite() || **q < 0.0)?;
        let ts = prediction.ts.format("%Y-%m-%d %H:%M UTC");
        Some(format!("the forecast of {ts} is {broken}, which is no demand"))
    })
}

/// The class of the event that moves a minute most; an open or close where nothing else does.
pub(crate) fn class(prediction: &Prediction) -> Option<EventClass> {
    let moving = strongest(prediction).map(|(event, _)| event);
    moving
        .or_else(|| prediction.events.iter().map(|(e, _)| &**e).find(|e| e.class.in_shape()))
        .map(|e| e.class)
}

/// The event that lifts a minute most, with its multiplier.
pub(crate) fn strongest(prediction: &Prediction) -> Option<(&Event, f64)> {
    let lifting = prediction.events.iter().filter(|(e, m)| !e.class.in_shape() && *m > NOTABLE);
    lifting.max_by(|a, b| a.1.total_cmp(&b.1)).map(|(event, multiplier)| (&**event, *multiplier))
}

/// The events of a minute whose peak is held until they end.
pub(crate) fn held(prediction: &Prediction) -> impl Iterator<Item = &Event> {
    prediction
        .events
        .iter()
        .filter(|(event, multiplier)| event.class.in_shape() || *multiplier > NOTABLE)
        .map(|(event, _)| &**event)
        .filter(|event| event.duration.num_hours() < LONG_HOURS)
}

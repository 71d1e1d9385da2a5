//! Other ways to forecast, against which the calendar model must hold its own.
//!
//! The quick ones are back-tested whenever a forecaster is chosen; the slow ones, which decompose or boost, cost
//! seconds for a series and are for a nightly back-test ([`crate::promote::nightly`]).

mod boost;
mod days;
mod decomposed;

pub use boost::Boosted;
pub use days::{DayMax, HourlyMean};
pub use decomposed::Decomposed;

use crate::Forecaster;

/// Challengers that cost no more than the seasonal naive.
pub fn quick() -> Vec<Box<dyn Forecaster>> {
    vec![Box::new(HourlyMean { days: 14 }), Box::new(DayMax { days: 7 })]
}

/// Challengers that cost seconds for a series of a month.
pub fn slow() -> Vec<Box<dyn Forecaster>> {
    vec![Box::new(Decomposed), Box::new(Boosted)]
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;

#[cfg(test)]
#[allow(clippy::unwrap_used)]
pub(crate) mod testing {
    //! Series whose right answer is known.

    use std::sync::Arc;

    use chrono::{DateTime, Duration, Utc};
    use headroom_calendar::{Calendar, Venue};

    use crate::{Context, Series};

    /// Monday, 2 February 2026.
    pub(crate) fn monday() -> DateTime<Utc> {
        "2026-02-02T00:00:00Z".parse().unwrap()
    }

    pub(crate) fn series(days: i64, step: u32, demand: impl Fn(DateTime<Utc>) -> Option<f64>) -> Series {
        let steps = days * 1440 / i64::from(step);
        let values = (0..steps).map(|i| demand(monday() + Duration::minutes(i * i64::from(step)))).collect();
        Series { start: monday(), step_minutes: step, values }
    }

    pub(crate) fn context() -> Context {
        let calendar = Calendar::new(vec![Venue::builtin("XNYS").unwrap()], false);
        Context {
            calendar: Arc::new(calendar),
            service: "gateway".into(),
            horizon: Duration::days(15),
            signals: Vec::new(),
        }
    }
}

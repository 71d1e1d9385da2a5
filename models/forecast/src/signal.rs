//! Leading signals: series that move before demand does.

use std::sync::Arc;

use chrono::{DateTime, Duration, Utc};

use crate::series::Series;

/// A value stands for what comes after it for at most so many of the signal's steps: a daily one holds over a long
/// weekend, one of minutes over a late delivery.
const HOLD_STEPS: i32 = 4;

/// A series that moves before demand does: a volatility index, a price, the orders at another venue.
///
/// What counts is how far its size and its moves stand out of what is usual for them at that time, so that its unit,
/// its level and its sign do not matter.
#[derive(Debug, Clone)]
pub struct Signal {
    /// What it is called.
    pub name: Arc<str>,
    /// Its values, in steps of its own that may be shorter or longer than those of demand. It may reach beyond the
    /// end of a history: a value is known once its step has ended, and no model looks at it before.
    pub series: Arc<Series>,
}

impl Signal {
    /// A series under a name.
    pub fn new(name: impl Into<Arc<str>>, series: Series) -> Self {
        Self { name: name.into(), series: Arc::new(series) }
    }

    /// How long a value stands for what comes after it.
    pub(crate) fn hold(&self) -> Duration {
        Duration::minutes(i64::from(self.series.step_minutes)) * HOLD_STEPS
    }

    /// Why it says nothing about what comes after `origin`, where it does not.
    pub fn doubt(&self, origin: DateTime<Utc>) -> Option<String> {
        let known = self.series.before(origin);
        let name = &self.name;
        let Some(newest) = known.values.iter().rposition(Option::is_some) else {
            return Some(format!(
                "signal {name} has no value before {origin}: demand is forecast without it"
            ));
        };
        let end = known.at(newest + 1);
        (origin - end > self.hold()).then(|| {
            format!(
                "signal {name} ends at {end}, too long before {origin}: it is taken to be at its usual since"
            )
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_signal_that_has_ended_or_never_began_is_told_and_a_long_weekend_is_not() {
        let start = "2026-03-02T00:00:00Z".parse::<DateTime<Utc>>().unwrap();
        let daily = Series { start, step_minutes: 1440, values: vec![Some(20.0); 5] };
        let signal = Signal::new("vix", daily);
        let after = |days| signal.doubt(start + Duration::days(days));
        assert_eq!(after(9), None, "Friday's value on Tuesday, after a holiday");
        assert_eq!(
            after(10).unwrap(),
            "signal vix ends at 2026-03-07 00:00:00 UTC, too long before 2026-03-12 00:00:00 UTC: it is taken to be at its usual since"
        );
        assert!(after(0).unwrap().starts_with("signal vix has no value before"));
    }
}

//! Seasonal naive: what was seen a day or a week ago. The zero of the scale, and at times hard to beat.

use chrono::{DateTime, Duration, Utc};

use crate::lookback::{self, Rule};
use crate::series::{Series, median};
use crate::{Context, Fitted, Forecaster, Unavailable};

/// The same minute one or more periods ago.
#[derive(Debug, Clone, Copy)]
pub struct SeasonalNaive {
    /// The period in days: 1 or 7.
    pub days: u32,
}

impl Forecaster for SeasonalNaive {
    fn name(&self) -> String {
        format!("seasonal-naive({}d)", self.days)
    }

    fn fit(&self, history: &Series, context: &Context) -> Result<Box<dyn Fitted>, Unavailable> {
        lookback::fit(*self, 2 * self.days, history, context)
    }
}

impl Rule for SeasonalNaive {
    /// The demand at the last like time before `known`, gaps skipped; the median of five minutes where steps are
    /// single minutes.
    fn foresee(&self, history: &Series, ts: DateTime<Utc>, known: DateTime<Utc>) -> Option<f64> {
        let period = Duration::days(i64::from(self.days));
        let mut at = ts - period;
        while at >= known {
            at -= period;
        }
        for _ in 0..5 {
            let index = history.index(at)?;
            let reach = if history.step_minutes == 1 { 2 } else { 0 };
            let near =
                &history.values[index.saturating_sub(reach)..(index + reach + 1).min(history.values.len())];
            if let Some(value) = median(near.iter().flatten().copied().collect()) {
                return Some(value);
            }
            at -= period;
        }
        None
    }
}

//! Which forecaster a service has.
//!
//! At the start it is the best of those that are quick to try. From then on all are tried, the slow ones too, once a
//! day in the hour in which the service has the least demand: beside the loop, and one service at a time.

use std::sync::Arc;

use chrono::{DateTime, Duration, DurationRound, Timelike, Utc};
use tokio::sync::Semaphore;
use tokio::task::{JoinHandle, spawn_blocking};

use crate::forecast::backtest::Report;
use crate::forecast::promote::{self, Promotion};
use crate::forecast::{Context, Forecaster, Unavailable};
use crate::series::Series;

/// Hours between the beginning of two nightly back-tests, however the quietest hour wanders.
const APART_HOURS: i64 = 12;
/// Nightly back-tests run on steps of so many minutes, as promotion does.
const STEP: u32 = 10;

/// One permit: the right to run a nightly back-test.
pub(super) type Turn = Arc<Semaphore>;

/// A service's forecaster, and when it is chosen anew.
pub(super) struct Choice {
    forecaster: Arc<dyn Forecaster>,
    due: DateTime<Utc>,
    night: Option<JoinHandle<Result<Promotion, Unavailable>>>,
}

impl Choice {
    /// The first choice, with the back-tests it goes by.
    pub(super) fn first(history: &Series, context: &Context) -> Result<(Self, Vec<Report>), Unavailable> {
        let Promotion { forecaster, reports } = promote::best(history, context)?;
        let due = next_quiet(history, history.end());
        Ok((Self { forecaster: Arc::from(forecaster), due, night: None }, reports))
    }

    /// The forecaster in use.
    pub(super) fn forecaster(&self) -> &Arc<dyn Forecaster> {
        &self.forecaster
    }

    /// Begins the nightly back-test when it is time, in the background.
    pub(super) fn begin(&mut self, history: &Series, context: &Context, turn: &Turn, now: DateTime<Utc>) {
        if now < self.due || self.night.is_some() {
            return;
        }
        self.due = next_quiet(history, now + Duration::hours(APART_HOURS));
        let (history, context, turn) = (history.coarser(STEP), context.clone(), Arc::clone(turn));
        self.night = Some(tokio::spawn(async move {
            let _turn = turn.acquire_owned().await;
            let work = spawn_blocking(move || promote::nightly(&history, &context));
            work.await.unwrap_or_else(|broken| Err(Unavailable(format!("it broke off: {broken}"))))
        }));
    }

    /// Takes the forecaster of a nightly back-test that is over, and gives what it found. One that failed is told, and
    /// the forecaster stays.
    pub(super) async fn take(&mut self, service: &str) -> Option<Vec<Report>> {
        let night = self.night.take_if(|night| night.is_finished())?;
        let outcome = night.await.unwrap_or_else(|broken| Err(Unavailable(broken.to_string())));
        match outcome {
            Ok(Promotion { forecaster, reports }) => {
                self.forecaster = Arc::from(forecaster);
                Some(reports)
            }
            Err(reason) => {
                tracing::warn!(service, %reason, "the nightly back-test failed; the forecaster stays");
                None
            }
        }
    }
}

impl Drop for Choice {
    fn drop(&mut self) {
        if let Some(night) = &self.night {
            night.abort();
        }
    }
}

/// The next start, at or after an instant, of the hour of the day in which the least demand was measured.
fn next_quiet(history: &Series, from: DateTime<Utc>) -> DateTime<Utc> {
    let mut hours = [(0.0, 0_u32); 24];
    for (index, value) in history.values.iter().enumerate() {
        if let Some(value) = value {
            let (sum, count) = &mut hours[history.at(index).hour() as usize];
            *sum += value;
            *count += 1;
        }
    }
    let means = (0..).zip(hours).filter(|(_, (_, count))| *count > 0);
    let means = means.map(|(hour, (sum, count))| (hour, sum / f64::from(count)));
    let quiet = means.min_by(|a, b| a.1.total_cmp(&b.1)).map_or(0, |(hour, _)| hour);
    let hour = Duration::hours(1);
    let start = from.duration_trunc(hour).unwrap_or(from);
    let ahead = (0..=24).map(|ahead| start + hour * ahead);
    ahead.into_iter().find(|at| *at >= from && at.hour() == quiet).unwrap_or(from + Duration::days(1))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_quietest_hour_is_where_least_was_measured_and_a_gap_is_not_quiet() {
        let start: DateTime<Utc> = "2026-12-01T00:00:00Z".parse().unwrap();
        let demand = |minute: i64| match minute / 60 % 24 {
            3 => None,
            5 => Some(10.0),
            hour => Some(100.0 + hour as f64),
        };
        let history = Series { start, step_minutes: 1, values: (0..3 * 1440).map(demand).collect() };
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        for (from, next) in [
            ("2026-12-04T00:00:00Z", "2026-12-04T05:00:00Z"),
            ("2026-12-04T05:00:00Z", "2026-12-04T05:00:00Z"),
            ("2026-12-04T05:01:00Z", "2026-12-05T05:00:00Z"),
            ("2026-12-04T23:59:00Z", "2026-12-05T05:00:00Z"),
        ] {
            assert_eq!(next_quiet(&history, at(from)), at(next), "{from}");
        }
    }
}

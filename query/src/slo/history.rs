//! What the alert rules of an objective would have done.

use chrono::{DateTime, TimeDelta, Utc};
use headroom_slo::{Backtest, Promise, SloSet, backtest};
use headroom_store::Store;

use super::rows;
use crate::error::{QueryError, Result};
use crate::range::TimeRange;

/// The range that was asked for; without a `from` as long as the objective's window, without a `to` until `now`.
pub fn range_or_window(
    promise: &Promise<'_>,
    from: Option<&str>,
    to: Option<&str>,
    now: DateTime<Utc>,
) -> Result<TimeRange> {
    TimeRange::parse_or_last(from, to, TimeDelta::seconds(promise.window().seconds), now)
}

/// How often each rule of an objective would have fired over the stored slices of a range, alone and together.
/// `significance` is the limit of the gate for low traffic.
///
/// # Errors
/// [`QueryError::NotFound`] without such an objective, [`QueryError::Unavailable`] when it cannot be computed.
pub async fn fired(
    store: &Store,
    tenant: &str,
    promise: &Promise<'_>,
    significance: f64,
    range: TimeRange,
) -> Result<Backtest> {
    if let Some(why) = promise.unavailable() {
        let message = format!("{} has no figures: {why}", promise.id());
        let hint = "headroom slo lint tells what would bring them".to_owned();
        return Err(QueryError::Unavailable { message, hint });
    }
    let stretch = (range.from.timestamp(), range.to.timestamp());
    let of = promise.objectives();
    let lines = rows::lines(&of, &rows::history(store, tenant, &of, stretch).await?);
    let measured = rows::measured(promise.clone(), &lines);
    Ok(backtest(&measured, &measured.rules(), significance, stretch))
}

/// The objective of a name.
///
/// # Errors
/// [`QueryError::NotFound`], with the names there are.
pub fn named<'a>(set: &'a SloSet, name: &str) -> Result<Promise<'a>> {
    set.promise(name).ok_or_else(|| {
        let all: Vec<&str> = set.promises().iter().map(Promise::id).collect();
        QueryError::not_found(
            format!("there is no objective `{name}`"),
            match all.as_slice() {
                [] => "no objectives are configured: alerts.slo_dirs names their folder".to_owned(),
                names => format!("there are {}", names.join(", ")),
            },
        )
    })
}

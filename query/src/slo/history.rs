//! What the alert rules of an objective would have done.

use chrono::{DateTime, TimeDelta, Utc};
use headroom_slo::{Backtest, Series, Slo, SloSet, Timeline, backtest};
use headroom_store::Store;

use super::slices;
use crate::error::{QueryError, Result};
use crate::range::TimeRange;

/// The range that was asked for; without a `from` as long as the objective's window, without a `to` until `now`.
pub fn range_or_window(
    slo: &Slo,
    from: Option<&str>,
    to: Option<&str>,
    now: DateTime<Utc>,
) -> Result<TimeRange> {
    TimeRange::parse_or_last(from, to, TimeDelta::seconds(slo.window.seconds), now)
}

/// How often each rule of an objective would have fired over the stored slices of a range, alone and together.
/// `significance` is the limit of the gate for low traffic.
///
/// # Errors
/// [`QueryError::NotFound`] without such an objective, [`QueryError::Unavailable`] when it cannot be computed.
pub async fn fired(
    store: &Store,
    tenant: &str,
    slo: &Slo,
    significance: f64,
    range: TimeRange,
) -> Result<Backtest> {
    if let Err(why) = &slo.indicator {
        let message = format!("{} has no figures: {why}", slo.id);
        let hint = "headroom slo lint tells what would bring them".to_owned();
        return Err(QueryError::Unavailable { message, hint });
    }
    let (from, to) = (range.from.timestamp(), range.to.timestamp());
    let minutes = slices::stored_minutes(store, tenant, slo, slo.history_from(from), to).await?;
    let series = Series::new(minutes);
    let line = Timeline::new(slo, &series);
    Ok(backtest(slo, &line, &line.rules(slo.target), significance, (from, to)))
}

/// The objective of a name.
///
/// # Errors
/// [`QueryError::NotFound`], with the names there are.
pub fn named<'a>(set: &'a SloSet, name: &str) -> Result<&'a Slo> {
    set.get(name).ok_or_else(|| {
        let all: Vec<&str> = set.slos.iter().map(|slo| slo.id.as_str()).collect();
        QueryError::not_found(
            format!("there is no objective `{name}`"),
            match all.as_slice() {
                [] => "no objectives are configured: alerts.slo_dirs names their folder".to_owned(),
                names => format!("there are {}", names.join(", ")),
            },
        )
    })
}

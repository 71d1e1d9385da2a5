//! The archive of a node: the door that reads it, and what fills it.

use crate::config::Config;
use anyhow::Result;
use headroom_archive::{Archive, Keeper, Place, Round};
use headroom_control::Control;
use headroom_sql::{SqlConfig, SqlDoor, StoreSource};
use headroom_store::{Clock, Store};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

/// Between two rounds: how late a row that came late may be seen.
const EVERY: Duration = Duration::from_hours(1);
/// Before the first: a node that has just started has other things to do.
const SETTLING: Duration = Duration::from_mins(1);

/// Where the archive lies, if there is one.
pub(crate) fn place(config: &Config) -> Result<Option<Place>> {
    Ok(config.archive.url.as_deref().map(Place::open).transpose()?)
}

/// The door of SQL to the store and the archive.
pub(crate) fn door(
    config: &Config,
    store: &Store,
    limits: SqlConfig,
    clock: &Arc<dyn Clock>,
) -> Result<SqlDoor> {
    Ok(match place(config)? {
        Some(place) => {
            let archive = Archive::new(place, config.archive.after_days);
            SqlDoor::archived(store.clone(), limits, Arc::new(archive), Arc::clone(clock))?
        }
        None => SqlDoor::new(store.clone(), limits)?,
    })
}

/// What fills the archive, if there is one.
pub(crate) fn keeper(config: &Config, store: &Store) -> Result<Option<Keeper<StoreSource>>> {
    let source = StoreSource::new(store.clone(), config.retention);
    Ok(place(config)?.map(|place| Keeper::new(place, config.archive.clone(), source)))
}

/// Runs until it is stopped, and works while `lead` leads. What fails is tried again in the next round; one that is
/// broken off has done no harm.
pub(super) async fn keep(
    keeper: Keeper<StoreSource>,
    lead: Control,
    clock: Arc<dyn Clock>,
    stop: CancellationToken,
) {
    let mut ticks = tokio::time::interval_at(tokio::time::Instant::now() + SETTLING, EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = ticks.tick() => {}
        }
        if !lead.leads(clock.now()) {
            continue;
        }
        let leads = || lead.leads(clock.now());
        tokio::select! {
            () = stop.cancelled() => return,
            round = keeper.round(clock.now(), &leads) => told(&round, clock.as_ref()),
        }
    }
}

fn told(round: &Round, clock: &dyn Clock) {
    metrics::counter!("headroom_archive_days_total", "kind" => "new").increment(round.days);
    metrics::counter!("headroom_archive_days_total", "kind" => "renewed").increment(round.renewed);
    metrics::counter!("headroom_archive_rows_total").increment(round.rows);
    metrics::counter!("headroom_archive_bytes_total").increment(round.bytes);
    metrics::counter!("headroom_archive_failures_total").increment(round.failures.len() as u64);
    metrics::counter!("headroom_archive_kept_days_total").increment(round.kept);
    for failure in &round.failures {
        tracing::warn!(failure, "not archived; the next round tries again");
    }
    if round.failures.is_empty() {
        let now = clock.now().timestamp() as f64;
        metrics::gauge!("headroom_archive_last_success_timestamp_seconds").set(now);
    }
    if round.days + round.renewed > 0 {
        tracing::info!(days = round.days, renewed = round.renewed, rows = round.rows, "archived");
    }
}

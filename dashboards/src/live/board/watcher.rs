//! The task that looks, for one tenant.

use super::{Board, Boards, Told, Topic};
use chrono::{DateTime, TimeDelta, Utc};
use headroom_control::Control;
use headroom_query::range::TimeRange;
use headroom_query::services;
use headroom_store::{Clock, Store};
use std::sync::{Arc, PoisonError};
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

const EVERY: Duration = Duration::from_secs(1);
/// Looks without anybody who follows before it ends: a browser asks again within this time.
const LINGERS: u32 = 10;
/// After so long a minute is closed, though nothing of the next has come.
const AT_THE_LATEST: TimeDelta = TimeDelta::seconds(15);
/// Deeds that are read in one look.
const DEEDS: usize = 500;

/// How things stood at the last look.
#[derive(Default)]
struct Marks {
    alerts: Option<(u64, Option<DateTime<Utc>>)>,
    outbox: Option<(i64, Vec<(String, i64)>)>,
    /// The newest row of the audit trail.
    deeds: Option<i64>,
}

pub(super) struct Watcher {
    control: Control,
    store: Store,
    clock: Arc<dyn Clock>,
    closed: CancellationToken,
    boards: Boards,
    tenant: String,
    told: watch::Sender<Told>,
    marks: Marks,
    /// The last minute that was closed, counted since 1970.
    minute: i64,
}

impl Watcher {
    pub(super) fn new(board: &Board, tenant: &str, told: watch::Sender<Told>) -> Self {
        Self {
            control: board.control.clone(),
            store: board.store.clone(),
            clock: Arc::clone(&board.clock),
            closed: board.closed.clone(),
            boards: Arc::clone(&board.boards),
            tenant: tenant.to_owned(),
            told,
            marks: Marks::default(),
            // What a page has just read is what there is.
            minute: minute_of(board.clock.now()) - 1,
        }
    }

    pub(super) async fn run(mut self) {
        let mut ticks = tokio::time::interval(EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut alone = 0;
        loop {
            tokio::select! {
                () = self.closed.cancelled() => return,
                _ = ticks.tick() => {}
            }
            if self.told.receiver_count() > 0 {
                alone = 0;
                self.look().await;
                continue;
            }
            // Who asks again finds what has changed meanwhile at the next look.
            alone += 1;
            if alone > LINGERS && self.end() {
                return;
            }
        }
    }

    /// Takes the board down, unless somebody has come at this moment.
    fn end(&self) -> bool {
        let mut boards = self.boards.lock().unwrap_or_else(PoisonError::into_inner);
        let alone = self.told.receiver_count() == 0;
        if alone {
            boards.remove(&self.tenant);
        }
        alone
    }

    async fn look(&mut self) {
        let mut told = self.told.borrow().clone();
        let looked = self.look_at_control(&mut told);
        if let Err(error) = &looked {
            tracing::warn!(%error, "what changed cannot be told");
        }
        told.failing = looked.is_err();
        if self.closes(self.clock.now()).await {
            told.change(Topic::Minute);
        }
        self.told.send_replace(told);
    }

    fn look_at_control(&mut self, told: &mut Told) -> headroom_control::Result<()> {
        let alerts = self.control.alerts_mark(&self.tenant)?;
        told.firing = Some(alerts.0);
        if self.marks.alerts.replace(alerts).is_some_and(|before| before != alerts) {
            told.change(Topic::Alerts);
        }
        let outbox = self.control.outbox_mark()?;
        if self.marks.outbox.as_ref().is_some_and(|before| *before != outbox) {
            told.change(Topic::Deliveries);
        }
        self.marks.outbox = Some(outbox);
        let Some(seen) = self.marks.deeds else {
            self.marks.deeds = Some(self.control.audit_newest()?);
            return Ok(());
        };
        let deeds = self.control.deeds_after(seen, DEEDS)?;
        let Some((newest, _)) = deeds.last() else { return Ok(()) };
        self.marks.deeds = Some(*newest);
        told.change(Topic::Audit);
        let changed = |topic: &Topic| deeds.iter().any(|(_, deed)| Topic::of_deed(deed) == Some(*topic));
        Topic::ALL.into_iter().filter(changed).for_each(|topic| told.change(topic));
        Ok(())
    }

    /// Whether a minute is closed at this look.
    async fn closes(&mut self, now: DateTime<Utc>) -> bool {
        let current = minute_of(now);
        if self.minute >= current - 1 {
            return false;
        }
        let begun = DateTime::from_timestamp(current * 60, 0).unwrap_or(now);
        let late = now - begun >= AT_THE_LATEST || self.minute < current - 2;
        let closed = late
            || match TimeRange::new(begun, begun + TimeDelta::minutes(1)) {
                Ok(range) => services::arrived(&self.store, &self.tenant, range).await.unwrap_or(false),
                Err(_) => false,
            };
        if closed {
            self.minute = current - 1;
        }
        closed
    }
}

fn minute_of(at: DateTime<Utc>) -> i64 {
    at.timestamp().div_euclid(60)
}

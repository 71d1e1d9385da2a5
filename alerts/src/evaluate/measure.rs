//! Which minutes are counted when.
//!
//! The newest minutes are counted each time, and three more before them, for spans that come late. What comes later still
//! (a collector that was cut off) is found by counting the newest day again every few minutes, and history that was loaded
//! by counting the older days again, one at each evaluation and several of those in which nothing was heard: what an
//! evaluation costs does not hang on how long the windows are.

use chrono::{DateTime, TimeDelta, Utc};
use headroom_query::slo::slices::{self, Held, Refreshed, Stretch};
use headroom_slo::{Series, Slo};
use headroom_store::Store;

use super::Tick;
use crate::error::Result;

/// Seconds before the watermark that are counted again each time, for late data.
const LATE: i64 = 180;
/// What is counted again at once.
const DAY: i64 = 86_400;

/// What was measured, and what is to be counted again.
#[derive(Debug, Default)]
pub(super) struct Measured {
    held: Held,
    /// End of what was measured last.
    until: Option<i64>,
    /// When the newest day is counted again.
    day_at: Option<DateTime<Utc>>,
    older: Older,
}

/// The count of the days before the newest.
#[derive(Debug, Default)]
enum Older {
    /// It begins.
    #[default]
    Now,
    /// It has come down to here, and goes on with so many days.
    DownTo(i64, i64),
    /// It was done, and begins anew then.
    At(DateTime<Utc>),
}

impl Measured {
    /// The slices of an objective.
    pub(super) fn series(&self, id: &str) -> Option<&Series> {
        self.held.series(id)
    }

    /// Counts what is due. `pause` lies between two counts of the newest day, and of the older ones.
    pub(super) async fn go_on(
        &mut self,
        store: &Store,
        tenant: &str,
        slos: &[Slo],
        pause: TimeDelta,
        now: DateTime<Utc>,
        tick: &mut Tick,
    ) -> Result<()> {
        let slos: Vec<&Slo> = slos.iter().filter(|slo| slo.indicator.is_ok()).collect();
        self.held.read(store, tenant, &slos, now).await?;
        let to = slices::due_until(now);
        let due = slos.iter().map(|slo| (*slo, self.due(slo, window(slo, to))));
        // What is held has hours in place of minutes where it is old.
        let (near, far): (Vec<_>, Vec<_>) = due.partition(|(_, stretch)| stretch.from >= to - 2 * DAY);
        let newest = slices::refresh(store, tenant, &near, Some(&self.held), now).await?;
        self.held.apply(&newest);
        let far = slices::refresh(store, tenant, &far, None, now).await?;
        let day = self.newest_day(to, pause, now).map(|day| within(&slos, day, to)).unwrap_or_default();
        let day = slices::refresh(store, tenant, &day, None, now).await?;
        let older = self.older(store, tenant, &slos, (to, pause), now).await?;
        if far.slices() + day.slices() + older.slices() > 0 {
            self.held.forget();
            self.held.read(store, tenant, &slos, now).await?;
        }
        let all = [newest, far, day, older];
        tick.slices += all.iter().map(Refreshed::slices).sum::<usize>();
        tick.failed
            .extend(all.iter().flat_map(|part| &part.failed).map(|(id, error)| format!("{id}: {error}")));
        // After a failure the same stretch is counted again next time.
        if tick.failed.is_empty() {
            self.until = Some(to);
        }
        Ok(())
    }

    /// What is to be counted of an objective: from its newest slice, or all of its window.
    fn due(&self, slo: &Slo, window: Stretch) -> Stretch {
        let newest = self.held.series(&slo.id).and_then(Series::watermark).or(self.until);
        let from = newest.map_or(window.from, |end| end.min(window.to) - LATE);
        Stretch { from: from.max(window.from), ..window }
    }

    /// The newest day, when it is its turn.
    fn newest_day(&mut self, to: i64, pause: TimeDelta, now: DateTime<Utc>) -> Option<Stretch> {
        let due = self.day_at.is_none_or(|at| now >= at || at > now + pause);
        due.then(|| {
            self.day_at = Some(now + pause);
            Stretch { from: to - DAY, to }
        })
    }

    /// Counts the older days whose turn it is.
    async fn older(
        &mut self,
        store: &Store,
        tenant: &str,
        slos: &[&Slo],
        (to, pause): (i64, TimeDelta),
        now: DateTime<Utc>,
    ) -> Result<Refreshed> {
        let (end, days) = match self.older {
            Older::DownTo(end, days) => (end, days),
            Older::At(at) if now < at && at <= now + pause => return Ok(Refreshed::default()),
            Older::Now | Older::At(_) => (to - DAY, 1),
        };
        let from = end - days * DAY;
        let due = within(slos, Stretch { from, to: end }, to);
        if due.is_empty() {
            self.older = Older::At(now + pause);
            return Ok(Refreshed::default());
        }
        let found = slices::refresh(store, tenant, &due, None, now).await?;
        self.older = Older::DownTo(from, if found.silent { days * 2 } else { 1 });
        Ok(found)
    }
}

/// What of each objective's window lies in a stretch.
fn within<'a>(slos: &[&'a Slo], stretch: Stretch, to: i64) -> Vec<(&'a Slo, Stretch)> {
    let of = |slo: &&'a Slo| Some((*slo, window(slo, to).within(stretch)?));
    slos.iter().filter_map(of).collect()
}

/// The window of an objective, with what its figures look back on.
fn window(slo: &Slo, to: i64) -> Stretch {
    Stretch { from: slo.history_from(to), to }
}

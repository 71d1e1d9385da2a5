//! The slices of all objectives in memory, for the one who measures them.
//!
//! Read once, brought up to date with what is written, and read anew each hour, when windows have moved on past the
//! minutes they began with. An evaluation then costs the store one count of the newest minutes, however much is stored.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use headroom_store::Store;

use super::{Refreshed, Stretch, stored};
use crate::error::Result;
use crate::slo::series::{Series, Slice};
use crate::slo::spec::Slo;

/// How long what was read is good for; a window's first three hours are minutes.
const GOOD_FOR: TimeDelta = TimeDelta::hours(1);

/// The slices of all objectives that can be measured.
#[derive(Debug, Default)]
pub struct Held {
    series: HashMap<String, Series>,
    read_at: Option<DateTime<Utc>>,
}

impl Held {
    /// Reads what is stored, unless it was read within the last hour and nothing old changed since.
    pub async fn read(
        &mut self,
        store: &Store,
        tenant: &str,
        slos: &[&Slo],
        now: DateTime<Utc>,
    ) -> Result<()> {
        if self.read_at.is_none_or(|at| now >= at + GOOD_FOR || now < at) {
            self.series = stored(store, tenant, slos, now).await?;
            self.read_at = Some(now);
        }
        Ok(())
    }

    /// The slices of an objective; none while nothing of it is stored.
    pub fn series(&self, id: &str) -> Option<&Series> {
        self.series.get(id)
    }

    /// The minutes of a stretch that is not older than three days.
    pub(super) fn minutes(&self, id: &str, stretch: Stretch) -> Vec<Slice> {
        let within = |slice: &&Slice| (stretch.from..stretch.to).contains(&slice.start);
        self.series
            .get(id)
            .map_or_else(Vec::new, |series| series.slices().iter().filter(within).copied().collect())
    }

    /// Takes over what a count of the newest minutes wrote.
    pub fn apply(&mut self, refreshed: &Refreshed) {
        for (id, slices) in &refreshed.written {
            let series = self.series.entry(id.clone()).or_default();
            *series = Series::new(series.slices().iter().chain(slices).copied().collect());
        }
    }

    /// Old slices changed: what is held is read anew next time.
    pub fn forget(&mut self) {
        self.read_at = None;
    }
}

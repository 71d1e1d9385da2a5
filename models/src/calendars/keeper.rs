//! Looks at the sources again and again.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use futures::future::join_all;
use headroom_control::{CalendarEntry, Control};
use headroom_store::Clock;
use tokio_util::sync::CancellationToken;

use super::source::Source;
use super::{CalendarBoard, posted};
use crate::calendar::{Calendar, Reading, Venue};
use crate::config::ModelsConfig;
use crate::error::Result;

/// Between two looks at files and posted entries.
const EVERY: Duration = Duration::from_secs(10);

/// Keeps the calendar of one tenant up to date.
#[derive(Debug)]
pub struct CalendarKeeper {
    board: Arc<CalendarBoard>,
    control: Control,
    tenant: String,
    clock: Arc<dyn Clock>,
    started: DateTime<Utc>,
    /// What no source changes: venues, also those that files define, and the built-in events.
    builtin: Calendar,
    sources: Vec<Source>,
    posted: (Vec<CalendarEntry>, Reading),
    /// What was last logged of each source.
    logged: Vec<Option<String>>,
}

impl CalendarKeeper {
    /// A keeper of the configured sources, with a calendar of what is at hand: files, what feeds said in an earlier
    /// run, and what was posted. URLs are first fetched by [`CalendarKeeper::round`].
    ///
    /// # Errors
    /// A file of `models.calendars` that cannot be read, or has a fault, is refused.
    pub async fn open(
        config: &ModelsConfig,
        control: Control,
        tenant: &str,
        clock: Arc<dyn Clock>,
    ) -> Result<Self> {
        config.validate()?;
        // Told here with its file and line; later, a fault leaves what the file said before.
        let calendar = config.calendar()?;
        let builtin = Calendar::load_venues(&config.venues, config.builtin_events, &config.calendars)?;
        let venues: Arc<[Venue]> = builtin.venues().into();
        let mut sources: Vec<Source> =
            config.calendars.iter().map(|path| Source::file(path.clone(), &venues)).collect();
        for feed in &config.feeds {
            sources.push(Source::feed(feed, &venues, &control, tenant)?);
        }
        let (now, board) = (clock.now(), Arc::new(CalendarBoard::new(Arc::new(calendar))));
        let posted = (Vec::new(), Reading::default());
        let (tenant, logged) = (tenant.to_owned(), vec![None; sources.len()]);
        let mut keeper =
            Self { board, control, tenant, clock, started: now, builtin, sources, posted, logged };
        for source in keeper.sources.iter_mut().filter(|source| source.is_file()) {
            source.look(&keeper.control, &keeper.tenant, now).await;
        }
        keeper.read_posted()?;
        keeper.publish();
        keeper.tell(now);
        Ok(keeper)
    }

    /// Where the calendar is put up.
    pub fn board(&self) -> Arc<CalendarBoard> {
        Arc::clone(&self.board)
    }

    /// Looks at every source that is due; true if the calendar has changed.
    pub async fn round(&mut self) -> bool {
        let now = self.clock.now();
        let (control, tenant) = (&self.control, self.tenant.as_str());
        let looks = self.sources.iter_mut().map(|source| source.look(control, tenant, now));
        let mut changed = join_all(looks).await.contains(&true);
        match self.read_posted() {
            Ok(posted) => changed |= posted,
            Err(error) => tracing::warn!(%error, "posted entries cannot be read; those known stand"),
        }
        if changed {
            self.publish();
        }
        self.tell(now);
        changed
    }

    /// Looks until it is stopped.
    pub async fn run(mut self, stop: CancellationToken) {
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                _ = self.round() => {}
            }
            tokio::select! {
                () = stop.cancelled() => return,
                () = self.board.news.notified() => {}
                () = tokio::time::sleep(EVERY) => {}
            }
        }
    }

    /// Takes up what is posted now; true if it says something else than before.
    fn read_posted(&mut self) -> Result<bool> {
        let entries = self.control.calendar_entries(&self.tenant)?;
        if entries == self.posted.0 {
            return Ok(false);
        }
        let reading = posted::reading(&entries, self.builtin.venues());
        for fault in reading.faults() {
            tracing::warn!("a posted entry is left out: {fault}");
        }
        let changed = !reading.says_the_same(&self.posted.1);
        self.posted = (entries, reading);
        Ok(changed)
    }

    /// Puts up a calendar of what counts now. Later sources win where two override the same day.
    fn publish(&self) {
        let mut calendar = self.builtin.clone();
        let readings = self.sources.iter().filter_map(Source::reading).chain([&self.posted.1]);
        let mut events = 0;
        for reading in readings {
            events += reading.events();
            calendar.add_reading(reading.clone());
        }
        tracing::info!(events, "a calendar was put up");
        self.board.put_up(calendar);
    }

    /// Tells the state of the sources: on the board, as a metric, and in the log where it is another than before.
    fn tell(&mut self, now: DateTime<Utc>) {
        let states: Vec<_> = self.sources.iter().map(Source::state).collect();
        for (state, logged) in states.iter().zip(&mut self.logged) {
            let age = now - state.confirmed_at.unwrap_or(self.started);
            metrics::gauge!("headroom_calendar_feed_age_seconds", "feed" => state.name.clone())
                .set(age.num_seconds().max(0) as f64);
            if state.problem != *logged {
                if let Some(problem) = &state.problem {
                    tracing::warn!(feed = state.name, "calendar: {problem}");
                } else {
                    tracing::info!(feed = state.name, "calendar: right again");
                }
                logged.clone_from(&state.problem);
            }
        }
        self.board.tell(states);
    }
}

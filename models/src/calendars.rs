//! The calendar as it stands now: kept up to date while the program runs.
//!
//! Its sources are the built-in tables, the operator's files (`models.calendars`), feeds (`[[models.feeds]]`, files or
//! URLs), and what people posted over the API. The keeper looks at them again and again, and puts a new calendar
//! on the [`CalendarBoard`] when one of them says something else than before; whoever reads the board sees the old one
//! or the new one, never half of each.
//!
//! A source that fails, or whose newest version is worse than the one before, changes nothing: what it said last
//! stands, and the board tells what is wrong with it ([`FeedState`]).

mod body;
mod fetch;
mod file;
mod keeper;
pub mod posted;
mod source;
#[cfg(test)]
mod tests;

use std::sync::{Arc, PoisonError, RwLock};

use tokio::sync::Notify;

use crate::calendar::Calendar;

pub use body::{CalendarBody, CalendarDay, CalendarEvent, FeedState, LONGEST_DAYS};
pub use keeper::CalendarKeeper;

/// The calendar that counts now, and the state of its sources.
#[derive(Debug)]
pub struct CalendarBoard {
    calendar: RwLock<Arc<Calendar>>,
    feeds: RwLock<Vec<FeedState>>,
    news: Notify,
}

impl CalendarBoard {
    /// A board with a calendar that stays until another is put up.
    pub fn new(calendar: Arc<Calendar>) -> Self {
        Self { calendar: RwLock::new(calendar), feeds: RwLock::default(), news: Notify::new() }
    }

    /// The calendar that counts now. The same `Arc` means that nothing changed.
    pub fn calendar(&self) -> Arc<Calendar> {
        Arc::clone(&self.calendar.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The sources that are looked at again and again.
    pub fn feeds(&self) -> Vec<FeedState> {
        self.feeds.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Has the keeper look at its sources now, because something was posted.
    pub fn look(&self) {
        self.news.notify_one();
    }

    fn put_up(&self, calendar: Calendar) {
        *self.calendar.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(calendar);
    }

    fn tell(&self, feeds: Vec<FeedState>) {
        *self.feeds.write().unwrap_or_else(PoisonError::into_inner) = feeds;
    }
}

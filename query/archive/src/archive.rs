//! What statements read: the last list of days, remembered for a moment.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use crate::error::{ArchiveError, Result};
use crate::keeper::first_open;
use crate::list::{Days, midnight};
use crate::place::Place;
use crate::reader::DayFile;
use crate::shelf::Shelf;

/// How long a list is used before it is looked for a newer one.
const FRESH: TimeDelta = TimeDelta::seconds(10);
/// How long the last one known is used while none can be read. Its files are there for a day longer, and the store has
/// the rows after its boundary for days.
const USABLE: TimeDelta = TimeDelta::minutes(10);
/// How long a statement waits for a list.
const PATIENCE: Duration = Duration::from_secs(5);

/// An archive to be read. A list that is somewhat old is as right as the last one: together with the rows that the
/// store has from its boundary on, it gives each row once.
#[derive(Debug)]
pub struct Archive {
    place: Place,
    after_days: u32,
    known: Mutex<HashMap<(String, String), Known>>,
}

/// What was read last, and how the last try went.
#[derive(Debug, Clone)]
struct Known {
    days: Option<Arc<Days>>,
    read: Option<DateTime<Utc>>,
    tried: DateTime<Utc>,
    failed: Option<String>,
}

impl Archive {
    /// An archive at a place; nothing is read yet.
    pub fn new(place: Place, after_days: u32) -> Self {
        Self { place, after_days, known: Mutex::default() }
    }

    /// Where it lies.
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// From here on no row is archived yet, whatever the tenant and the view, in nanoseconds since the epoch.
    pub fn newest_boundary(&self, now: DateTime<Utc>) -> i64 {
        midnight(first_open(now, self.after_days))
    }

    /// The archived days; `None` when there are none.
    pub async fn days(&self, view: &str, tenant: &str, now: DateTime<Utc>) -> Result<Option<Arc<Days>>> {
        let key = (view.to_owned(), tenant.to_owned());
        let before = self.known.lock().expect("no holder panics").get(&key).cloned();
        if let Some(known) = before.as_ref().filter(|known| (now - known.tried).abs() < FRESH) {
            return self.of(known, now);
        }
        let last = before.as_ref().and_then(|known| known.days.clone());
        let shelf = Shelf::new(&self.place, view, tenant);
        let number = last.as_ref().map_or(0, |days| days.number);
        let found = tokio::time::timeout(PATIENCE, shelf.after(number)).await;
        let patience = PATIENCE.as_secs();
        let known = match found {
            Ok(Ok(newer)) => {
                Known { days: newer.map(Arc::new).or(last), read: Some(now), tried: now, failed: None }
            }
            Ok(Err(ArchiveError::Place { reason, .. })) => failed(last, before, now, reason),
            Ok(Err(error)) => return Err(error),
            Err(_) => failed(last, before, now, format!("it took longer than {patience} seconds")),
        };
        let days = self.of(&known, now);
        self.known.lock().expect("no holder panics").insert(key, known);
        days
    }

    fn of(&self, known: &Known, now: DateTime<Utc>) -> Result<Option<Arc<Days>>> {
        match &known.failed {
            Some(reason) if known.read.is_none_or(|read| (now - read).abs() > USABLE) => {
                Err(self.silent(reason.clone()))
            }
            _ => Ok(known.days.clone()),
        }
    }

    fn silent(&self, reason: String) -> ArchiveError {
        ArchiveError::Place { place: self.place.shown().to_owned(), reason }
    }

    /// The files of the days that have rows in `from..to`, oldest first; times in nanoseconds since the epoch.
    pub fn files(&self, days: &Days, from: i64, to: i64) -> Vec<DayFile> {
        let file = |(day, entry): (NaiveDate, _)| DayFile::of(&self.place, days, day, entry);
        days.within(from, to).map(file).collect()
    }
}

fn failed(days: Option<Arc<Days>>, before: Option<Known>, tried: DateTime<Utc>, reason: String) -> Known {
    tracing::warn!(reason, "the list of archived days cannot be read");
    Known { days, read: before.and_then(|known| known.read), tried, failed: Some(reason) }
}

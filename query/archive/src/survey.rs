//! Looks at a whole archive: what is there, what is behind, and whether the files are those that were written.

use chrono::{DateTime, NaiveDate, Utc};
use parquet::arrow::async_reader::AsyncFileReader as _;
use serde::Serialize;

use crate::config::ArchiveConfig;
use crate::error::{ArchiveError, Result};
use crate::keeper::{checksum, first_open};
use crate::list::{Days, Held};
use crate::place::Place;
use crate::reader::DayFile;
use crate::shelf;
use crate::source::Source;

/// A tenant's archive of a view, in figures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Standing {
    /// The view.
    pub view: String,
    /// The tenant.
    pub tenant: String,
    /// The first archived day that has rows.
    pub from: Option<NaiveDate>,
    /// The first day that is not archived: rows from here on are read from the store.
    pub until: Option<NaiveDate>,
    /// Archived days that have rows.
    pub days: usize,
    /// Their rows.
    pub rows: u64,
    /// Bytes of their files.
    pub bytes: u64,
    /// Days old enough to be archived that are not, or of which the store has other rows; absent where the store was not
    /// asked.
    pub behind: Option<usize>,
}

/// How the archive of the views stands. With what the store holds, tenants that ought to have an archive are among them,
/// and what is behind is known.
pub async fn status<S: Source>(
    place: &Place,
    views: &[&str],
    store: Option<(&S, &ArchiveConfig, DateTime<Utc>)>,
) -> Result<Vec<Standing>> {
    let mut standings = Vec::new();
    for view in views {
        let mut all = shelf::all(place, view).await?;
        let held = match store {
            Some((source, config, now)) => {
                Some(held(source, view, first_open(now, config.after_days)).await?)
            }
            None => None,
        };
        for (tenant, _, _) in held.iter().flatten() {
            if !all.iter().any(|days| days.tenant == *tenant) {
                all.push(Days::none(view, tenant));
            }
        }
        all.sort_by(|a, b| a.tenant.cmp(&b.tenant));
        standings.extend(all.into_iter().map(|days| Standing {
            view: days.view.clone(),
            from: days.days.keys().next().copied(),
            until: days.until,
            days: days.days.len(),
            rows: days.days.values().map(|day| day.rows).sum(),
            bytes: days.days.values().map(|day| day.bytes).sum(),
            behind: held.as_ref().map(|held| behind(&days, held)),
            tenant: days.tenant,
        }));
    }
    Ok(standings)
}

type HeldDay = (String, NaiveDate, Held);

async fn held(source: &impl Source, view: &str, until: NaiveDate) -> Result<Vec<HeldDay>> {
    let held = source.held(view, until).await;
    held.map_err(|reason| ArchiveError::Held { view: view.to_owned(), reason })
}

/// How many of a tenant's days the store holds that are not archived, or not as it holds them.
fn behind(days: &Days, held: &[HeldDay]) -> usize {
    let due = |(tenant, day, held): &&HeldDay| {
        let kept = *tenant == days.tenant && days.from.is_none_or(|from| *day >= from);
        let entry = days.days.get(day);
        kept && entry.is_none_or(|entry| entry.held.rows <= held.rows && entry.held != *held)
    };
    held.iter().filter(due).count()
}

/// What came of looking at files.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// Files that are as they were written.
    pub sound: u64,
    /// Their bytes.
    pub bytes: u64,
    /// What is wrong with the others.
    pub damaged: Vec<String>,
}

/// Reads every file of the views and compares checksums and counts. `told` hears of each file: its bytes, and those of
/// all files.
pub async fn verify(place: &Place, views: &[&str], mut told: impl FnMut(u64, u64)) -> Result<Verdict> {
    let mut files = Vec::new();
    for view in views {
        for days in shelf::all(place, view).await? {
            for (day, entry) in &days.days {
                files.push((DayFile::of(place, &days, *day, entry), entry.rows, entry.checksum.clone()));
            }
        }
    }
    let total = files.iter().map(|(file, _, _)| file.bytes()).sum();
    let mut verdict = Verdict::default();
    for (file, rows, sum) in files {
        match sound(place, &file, rows, &sum).await {
            Ok(()) => {
                verdict.sound += 1;
                verdict.bytes += file.bytes();
            }
            Err(error) => verdict.damaged.push(format!("{}: {error}", file.path())),
        }
        told(file.bytes(), total);
    }
    Ok(verdict)
}

async fn sound(place: &Place, file: &DayFile, rows: u64, sum: &str) -> Result<()> {
    let found = checksum(place, file.path()).await.map_err(|error| file.damaged(error.to_string()))?;
    if found != (file.bytes(), sum.to_owned()) {
        return Err(file.damaged(format!("it has {} bytes with the checksum {}", found.0, found.1)));
    }
    let about = file.open().get_metadata(None).await.map_err(|error| file.damaged(error.to_string()))?;
    let count = about.file_metadata().num_rows();
    if u64::try_from(count) == Ok(rows) {
        return Ok(());
    }
    Err(file.damaged(format!("it has {count} rows and not {rows}")))
}

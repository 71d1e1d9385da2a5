//! Moves days into the archive, and keeps those that are there as the store has them.
//!
//! A day goes in these steps, and one that is broken off anywhere leaves the archive as it was: what the store holds is
//! counted; the rows become a file under a name of its own; the file is read back; it is made sure that all rows are in
//! it; a list that names it becomes the last one. Files that no list names are removed a day later.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Days as DayCount, NaiveDate, TimeDelta, Utc};
use futures::TryStreamExt as _;
use object_store::{ObjectMeta, ObjectStoreExt as _};
use serde::Serialize;

use crate::config::ArchiveConfig;
use crate::error::{ArchiveError, Result};
use crate::file::{self, Broken, Written};
use crate::list::{Day, Days, Held, Retired};
use crate::names;
use crate::place::Place;
use crate::shelf::{self, Shelf};
use crate::source::{OfDay, Source};

/// How long a file is left that no list names any more: no statement and no export takes longer.
pub(crate) const GRACE: TimeDelta = TimeDelta::hours(24);

/// What a round did.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize)]
pub struct Round {
    /// Days that were archived for the first time.
    pub days: u64,
    /// Days that were written anew: rows had come late, or a file was gone.
    pub renewed: u64,
    /// Rows of both.
    pub rows: u64,
    /// Bytes of their files.
    pub bytes: u64,
    /// Days of which the store has lost rows that the archive has.
    pub kept: u64,
    /// What failed; the next round tries again.
    pub failures: Vec<String>,
}

/// Writes the archive of all tenants of a store.
pub struct Keeper<S> {
    place: Place,
    config: ArchiveConfig,
    source: S,
}

impl<S: Source> Keeper<S> {
    /// Nothing is read or written yet.
    pub fn new(place: Place, config: ArchiveConfig, source: S) -> Self {
        Self { place, config, source }
    }

    /// One round over all views and tenants, for as long as `leads` says so. What fails for one tenant does not hold
    /// up others. Dropping the future breaks the round off, which does no harm.
    pub async fn round(&self, now: DateTime<Utc>, leads: &(dyn Fn() -> bool + Sync)) -> Round {
        let mut round = Round::default();
        for view in self.source.views() {
            if let Err(error) = self.view(view, now, leads, &mut round).await {
                round.failures.push(error.to_string());
            }
        }
        round
    }

    async fn view(
        &self,
        view: &str,
        now: DateTime<Utc>,
        leads: &(dyn Fn() -> bool + Sync),
        round: &mut Round,
    ) -> Result<()> {
        let until = first_open(now, self.config.after_days);
        let held = self.source.held(view, until).await;
        let held = held.map_err(|reason| ArchiveError::Held { view: view.to_owned(), reason })?;
        let mut tenants: BTreeMap<String, BTreeMap<NaiveDate, Held>> = BTreeMap::new();
        for (tenant, day, held) in held {
            tenants.entry(tenant).or_default().insert(day, held);
        }
        // Those of which the store has nothing any more have days to forget and files to remove.
        for days in shelf::all(&self.place, view).await? {
            tenants.entry(days.tenant).or_default();
        }
        for (tenant, held) in tenants {
            if !leads() {
                return Ok(());
            }
            let mut work = Work {
                keeper: self,
                shelf: Shelf::new(&self.place, view, &tenant),
                view,
                tenant: &tenant,
                now,
                until,
            };
            if let Err(error) = work.tenant(&held, leads, round).await {
                round.failures.push(format!("tenant {tenant:?}: {error}"));
            }
        }
        Ok(())
    }
}

/// The first day that is too young to be archived.
pub(crate) fn first_open(now: DateTime<Utc>, after_days: u32) -> NaiveDate {
    earlier(now.date_naive(), after_days)
}

fn earlier(day: NaiveDate, days: u32) -> NaiveDate {
    day.checked_sub_days(DayCount::new(days.into())).unwrap_or(NaiveDate::MIN)
}

/// A round's work for one tenant and view.
struct Work<'a, S> {
    keeper: &'a Keeper<S>,
    shelf: Shelf,
    view: &'a str,
    tenant: &'a str,
    now: DateTime<Utc>,
    until: NaiveDate,
}

impl<S: Source> Work<'_, S> {
    async fn tenant(
        &mut self,
        held: &BTreeMap<NaiveDate, Held>,
        leads: &(dyn Fn() -> bool + Sync),
        round: &mut Round,
    ) -> Result<()> {
        let mut days = self.shelf.last().await?.unwrap_or_else(|| Days::none(self.view, self.tenant));
        let files = self.shelf.files().await?;
        self.forget(&mut days).await?;
        for (day, held) in held {
            if days.from.is_some_and(|from| *day < from) {
                continue;
            }
            let old = days.days.get(day);
            if !self.is_due(*day, *held, old, &files, round) {
                continue;
            }
            if !leads() {
                return Ok(());
            }
            let renewed = old.is_some();
            let entry = self.write(*day, *held).await?;
            (round.rows, round.bytes) = (round.rows + entry.rows, round.bytes + entry.bytes);
            days.put(*day, entry, self.now);
            // Days go in one after the other: all before this one that have rows are in.
            days.until = days.until.max(day.succ_opt());
            self.shelf.commit(&mut days).await?;
            *(if renewed { &mut round.renewed } else { &mut round.days }) += 1;
        }
        if !held.is_empty() && days.until < Some(self.until) {
            days.until = Some(self.until);
            self.shelf.commit(&mut days).await?;
        }
        self.clean(&mut days, &files).await
    }

    /// Whether a day has to be written: it is not there, its file is gone, or the store has other rows than it had.
    fn is_due(
        &self,
        day: NaiveDate,
        held: Held,
        old: Option<&Day>,
        files: &BTreeMap<String, ObjectMeta>,
        round: &mut Round,
    ) -> bool {
        let Some(old) = old else { return true };
        // The store removes rows of this day already, or may while they are read.
        if day
            <= earlier(self.now.date_naive(), self.keeper.source.retained_days(self.view).saturating_sub(1))
        {
            return false;
        }
        if held.rows < old.held.rows {
            round.kept += 1;
            tracing::warn!(
                view = self.view, tenant = self.tenant, %day, store = held.rows, archive = old.held.rows,
                "the store has lost rows of an archived day; the archive keeps them"
            );
            return false;
        }
        let there = files.get(&old.file).is_some_and(|meta| meta.size == old.bytes);
        let summed = files.contains_key(&names::sums(&old.file));
        held != old.held || !there || !summed
    }

    /// A day's file, written, read back and found complete.
    async fn write(&self, day: NaiveDate, held: Held) -> Result<Day> {
        let of = OfDay { view: self.view, tenant: self.tenant, day };
        let wrong = |reason: String| ArchiveError::Rows { view: self.view.to_owned(), day, reason };
        let source = &self.keeper.source;
        let version =
            blake3::hash(format!("{}{:?}", self.now, std::time::Instant::now()).as_bytes()).to_hex();
        let name = names::file(day, &format!("{}-{}", self.now.format("%Y%m%dT%H%M%S"), &version[..12]));
        let rows = source.rows(of, held);
        let written =
            file::write(&self.shelf.place, &self.shelf.path, &name, source.schema(self.view), rows).await;
        let written = written.map_err(|broken| match broken {
            Broken::Rows(reason) => wrong(reason),
            Broken::Place(error) => error,
        })?;
        self.read_back(&name, &written).await.map_err(wrong)?;
        // Rows that came meanwhile make the day another one than was counted: the next round writes it anew.
        let now = source.held_on(of).await.map_err(wrong)?;
        if now.rows < held.rows {
            return Err(wrong("the store removes rows of it while they are read".to_owned()));
        }
        if now == held {
            let shown = source.count(of, held).await.map_err(wrong)?;
            if shown != written.rows {
                return Err(wrong(format!("{shown} rows are there, and {} came", written.rows)));
            }
        }
        let Written { rows, bytes, checksum, sums } = written;
        Ok(Day { file: name, rows, bytes, checksum, sums, held, written_at: self.now })
    }

    async fn read_back(&self, name: &str, written: &Written) -> Result<(), String> {
        let found = checksum(&self.shelf.place, &names::below(&self.shelf.path, name)).await;
        let (bytes, checksum) =
            found.map_err(|error| format!("its new file cannot be read back: {error}"))?;
        if (bytes, &checksum) == (written.bytes, &written.checksum) {
            return Ok(());
        }
        Err("its new file is not what was written".to_owned())
    }

    /// Takes days off the list that are not to be kept any longer.
    async fn forget(&self, days: &mut Days) -> Result<()> {
        let Some(keep) = self.keeper.config.keep_days else { return Ok(()) };
        let first = earlier(self.now.date_naive(), keep);
        if days.days.keys().next().is_none_or(|day| *day >= first) {
            return Ok(());
        }
        days.forget_before(first, self.now);
        self.shelf.commit(days).await
    }

    /// Removes files that nobody reads any more.
    async fn clean(&self, days: &mut Days, files: &BTreeMap<String, ObjectMeta>) -> Result<()> {
        let since = self.now - GRACE;
        let (over, waiting): (Vec<Retired>, Vec<Retired>) =
            std::mem::take(&mut days.retired).into_iter().partition(|one| one.since < since);
        days.retired = waiting;
        if !over.is_empty() {
            // Files first: a list that still names one that is gone is cleaned again.
            let names: BTreeSet<String> = over.into_iter().map(|one| one.file).collect();
            for file in &names {
                self.shelf.remove_file(file).await?;
            }
            self.shelf.commit(days).await?;
        }
        self.shelf.sweep(days, files, since).await
    }
}

/// The size and BLAKE3 of a file.
pub(crate) async fn checksum(
    place: &Place,
    path: &object_store::path::Path,
) -> object_store::Result<(u64, String)> {
    let mut bytes = place.store().get(path).await?.into_stream();
    let (mut hasher, mut size) = (blake3::Hasher::new(), 0);
    while let Some(part) = bytes.try_next().await? {
        size += part.len() as u64;
        hasher.update(&part);
    }
    Ok((size, hasher.finalize().to_hex().to_string()))
}

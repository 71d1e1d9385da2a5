//! A tenant's folder of one view: its lists of days, and the files.
//!
//! A list is never changed. The next one has the next number and is put where nothing may be yet, which disks and
//! buckets do for one of two writers only: who comes second has read a list that is no longer the last, and starts anew.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use futures::TryStreamExt as _;
use object_store::path::Path;
use object_store::{Error, ObjectMeta, ObjectStoreExt as _, PutMode, PutPayload};

use crate::error::{ArchiveError, Result};
use crate::list::Days;
use crate::names;
use crate::place::Place;

/// Lists that are left behind the last one, for readers that have just seen its number.
const OLD_LISTS: u64 = 50;

/// One tenant's archive of one view.
#[derive(Debug, Clone)]
pub(crate) struct Shelf {
    pub(crate) place: Place,
    pub(crate) path: Path,
    view: Arc<str>,
    tenant: Arc<str>,
}

impl Shelf {
    pub(crate) fn new(place: &Place, view: &str, tenant: &str) -> Self {
        let path = names::shelf(view, tenant);
        Self { place: place.clone(), path, view: view.into(), tenant: tenant.into() }
    }

    /// The last list; `None` when nothing was archived.
    pub(crate) async fn last(&self) -> Result<Option<Days>> {
        self.after(0).await
    }

    /// The last list, if it is newer than the one of this number.
    pub(crate) async fn after(&self, number: u64) -> Result<Option<Days>> {
        let failed = |error: Error| self.place.failed(&error);
        loop {
            let (lists, known) = (names::lists(&self.path), names::list(&self.path, number));
            let newer = self.place.store().list_with_offset(Some(&lists), &known);
            let last = newer.try_fold(number, |last, meta| async move {
                Ok(names::number(&meta.location).map_or(last, |one| one.max(last)))
            });
            let last = last.await.map_err(failed)?;
            if last == number {
                return Ok(None);
            }
            let path = names::list(&self.path, last);
            let text = match self.place.store().get(&path).await {
                Ok(found) => found.bytes().await.map_err(failed)?,
                // So many were written meanwhile that this one is gone.
                Err(Error::NotFound { .. }) => continue,
                Err(error) => return Err(failed(error)),
            };
            let days = read(&path, &text)?;
            if *days.tenant != *self.tenant || *days.view != *self.view {
                let reason = format!("it is of {} of the tenant {:?}", days.view, days.tenant);
                return Err(ArchiveError::List { path: path.to_string(), reason });
            }
            return Ok(Some(days));
        }
    }

    /// Makes `days` the last list, unless another was written since they were read.
    pub(crate) async fn commit(&self, days: &mut Days) -> Result<()> {
        days.number += 1;
        let path = names::list(&self.path, days.number);
        let text = serde_json::to_vec(days)
            .map_err(|error| ArchiveError::List { path: path.to_string(), reason: error.to_string() })?;
        let put = self.place.store().put_opts(&path, PutPayload::from(text), PutMode::Create.into()).await;
        match put {
            Ok(_) => self.place.keep(&path).await?,
            Err(Error::AlreadyExists { .. } | Error::Precondition { .. }) => return Err(ArchiveError::Raced),
            Err(error) => return Err(self.place.failed(&error)),
        }
        if let Some(old) = days.number.checked_sub(OLD_LISTS) {
            self.remove(&names::list(&self.path, old)).await?;
        }
        Ok(())
    }

    /// Every file of rows, by its name below the shelf.
    pub(crate) async fn files(&self) -> Result<BTreeMap<String, ObjectMeta>> {
        let all = self.place.store().list(Some(&self.path));
        let all: Vec<ObjectMeta> = all.try_collect().await.map_err(|error| self.place.failed(&error))?;
        let lists = names::lists(&self.path);
        let files = all.into_iter().filter(|meta| !meta.location.prefix_matches(&lists));
        Ok(files.filter_map(|meta| Some((below(&self.path, &meta.location)?, meta))).collect())
    }

    /// Removes what is there; to find nothing is as well.
    async fn remove(&self, path: &Path) -> Result<()> {
        match self.place.store().delete(path).await {
            Ok(()) | Err(Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(self.place.failed(&error)),
        }
    }

    /// Removes a file of rows with its checksums.
    pub(crate) async fn remove_file(&self, file: &str) -> Result<()> {
        self.remove(&names::below(&self.path, file)).await?;
        self.remove(&names::below(&self.path, &names::sums(file))).await
    }

    /// Removes files that no list names, and that nobody can be writing any more: they are from before `since`.
    pub(crate) async fn sweep(
        &self,
        days: &Days,
        files: &BTreeMap<String, ObjectMeta>,
        since: DateTime<Utc>,
    ) -> Result<()> {
        let waiting = days.retired.iter().map(|one| &one.file);
        let named: Vec<&String> = days.days.values().map(|day| &day.file).chain(waiting).collect();
        for (file, meta) in files {
            let is_named = named.iter().any(|name| *name == file || names::sums(name) == *file);
            if !is_named && meta.last_modified < since {
                self.remove(&meta.location).await?;
            }
        }
        Ok(())
    }
}

fn below(shelf: &Path, path: &Path) -> Option<String> {
    let parts: Vec<String> = path.prefix_match(shelf)?.map(|part| part.as_ref().to_owned()).collect();
    Some(parts.join("/"))
}

fn read(path: &Path, text: &[u8]) -> Result<Days> {
    serde_json::from_slice(text)
        .map_err(|error| ArchiveError::List { path: path.to_string(), reason: error.to_string() })
}

/// The last list of every tenant of a view, in the order of their folders.
pub(crate) async fn all(place: &Place, view: &str) -> Result<Vec<Days>> {
    let failed = |error: Error| place.failed(&error);
    let folders = place.store().list_with_delimiter(Some(&names::view(view))).await.map_err(failed)?;
    let mut all = Vec::new();
    for folder in folders.common_prefixes {
        // The folder's name may be a hash: the list says whose it is.
        let lists = place.store().list(Some(&names::lists(&folder)));
        let lists: Vec<ObjectMeta> = lists.try_collect().await.map_err(failed)?;
        let Some(last) = lists.into_iter().max_by_key(|meta| names::number(&meta.location)) else { continue };
        let text = place.store().get(&last.location).await.map_err(failed)?.bytes().await.map_err(failed)?;
        all.push(read(&last.location, &text)?);
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use object_store::memory::InMemory;

    use super::*;

    #[tokio::test]
    async fn of_two_writers_the_second_starts_anew() {
        let place = Place::on(Arc::new(InMemory::new()));
        let shelf = Shelf::new(&place, "spans", "acme");
        let mut one = Days::none("spans", "acme");
        let mut other = one.clone();
        shelf.commit(&mut one).await.unwrap();
        assert!(matches!(shelf.commit(&mut other).await, Err(ArchiveError::Raced)));
        let mut other = shelf.last().await.unwrap().unwrap();
        shelf.commit(&mut other).await.unwrap();
        assert_eq!(shelf.last().await.unwrap().unwrap().number, 2);
    }

    #[tokio::test]
    async fn the_last_list_counts_and_old_ones_go() {
        let place = Place::on(Arc::new(InMemory::new()));
        let shelf = Shelf::new(&place, "spans", "acme");
        let mut days = Days::none("spans", "acme");
        for _ in 0..OLD_LISTS + 10 {
            shelf.commit(&mut days).await.unwrap();
        }
        assert_eq!(shelf.last().await.unwrap().unwrap().number, OLD_LISTS + 10);
        assert_eq!(shelf.after(OLD_LISTS + 10).await.unwrap(), None);
        let left: Vec<_> = place.store().list(None).try_collect().await.unwrap();
        assert_eq!(left.len() as u64, OLD_LISTS);
    }

    #[tokio::test]
    async fn a_list_of_somebody_else_is_refused() {
        let place = Place::on(Arc::new(InMemory::new()));
        let mut days = Days::none("spans", "other");
        Shelf::new(&place, "spans", "acme").commit(&mut days).await.unwrap();
        let error = Shelf::new(&place, "spans", "acme").last().await.unwrap_err().to_string();
        assert!(error.contains("other"), "{error}");
    }
}

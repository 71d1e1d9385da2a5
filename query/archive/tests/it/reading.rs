//! What statements get: the days, checked, and each row once.

use std::sync::Arc;

use arrow::array::AsArray as _;
use arrow::datatypes::Int64Type;
use chrono::TimeDelta;
use futures::TryStreamExt as _;
use headroom_archive::{Archive, ArchiveError, DayFile, Place};
use object_store::{ObjectStore, ObjectStoreExt as _, PutPayload};
use parquet::arrow::ParquetRecordBatchStreamBuilder;
use parquet::errors::ParquetError;

use crate::keeping::Bench;
use crate::source::{Numbers, ago, now};

/// The numbers in a file.
async fn numbers(file: &DayFile) -> Result<Vec<i64>, ParquetError> {
    let rows = ParquetRecordBatchStreamBuilder::new(file.open()).await?.build()?;
    let batches: Vec<_> = rows.try_collect().await?;
    Ok(batches
        .iter()
        .flat_map(|batch| batch.column(1).as_primitive::<Int64Type>().values().to_vec())
        .collect())
}

/// All numbers of a tenant: those of the archive before its boundary, then those of the store.
pub(crate) async fn everything(place: &Place, source: &Numbers, tenant: &str) -> Vec<i64> {
    let archive = Archive::new(place.clone(), 7);
    let days = archive.days("numbers", tenant, now()).await.unwrap();
    let boundary = days.as_ref().and_then(|days| days.boundary()).unwrap_or(i64::MIN);
    let mut all = source.since(tenant, boundary);
    if let Some(days) = days {
        for file in archive.files(&days, i64::MIN, i64::MAX) {
            all.extend(numbers(&file).await.unwrap());
        }
    }
    all.sort_unstable();
    all
}

async fn only_file(bench: &Bench) -> DayFile {
    let archive = Archive::new(bench.place.clone(), 7);
    let days = archive.days("numbers", "acme", now()).await.unwrap().unwrap();
    archive.files(&days, i64::MIN, i64::MAX).remove(0)
}

fn words(error: &ParquetError) -> String {
    match error {
        ParquetError::External(inner) => inner.to_string(),
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn a_damaged_byte_anywhere_is_an_error_that_names_the_day() {
    let bench = Bench::new();
    bench.source.add("acme", ago(10), 0..50_000);
    bench.round().await;
    let file = only_file(&bench).await;
    let whole = bench.failing.inner.get(file.path()).await.unwrap().bytes().await.unwrap();
    for share in [0, 10, 50, 90, 99] {
        let mut bytes = whole.to_vec();
        let at = bytes.len() * share / 100;
        bytes[at] ^= 1;
        bench.failing.inner.put(file.path(), PutPayload::from(bytes)).await.unwrap();
        let error = words(&numbers(&file).await.unwrap_err());
        assert!(error.contains(&ago(10).to_string()) && error.contains("damaged"), "{share} %: {error}");
    }
    bench.failing.inner.put(file.path(), PutPayload::from(whole.slice(..whole.len() - 9))).await.unwrap();
    assert!(numbers(&file).await.is_err(), "a file that was cut short");
    bench.failing.inner.delete(file.path()).await.unwrap();
    let error = words(&numbers(&file).await.unwrap_err());
    assert!(error.contains(&ago(10).to_string()) && error.contains("missing"), "{error}");
}

#[tokio::test]
async fn the_last_list_is_used_while_the_place_is_silent_but_not_for_ever() {
    let bench = Bench::new();
    bench.source.add("acme", ago(10), 0..10);
    bench.round().await;
    let archive = Archive::new(bench.place.clone(), 7);
    let after = |seconds| now() + TimeDelta::seconds(seconds);
    let known = archive.days("numbers", "acme", now()).await.unwrap().unwrap();
    bench.failing.after(0);
    assert_eq!(archive.days("numbers", "acme", after(60)).await.unwrap().unwrap(), known);
    let error = archive.days("numbers", "other", after(60)).await.unwrap_err();
    assert!(matches!(error, ArchiveError::Place { .. }), "a list that was never read: {error}");
    assert!(archive.days("numbers", "acme", after(3600)).await.is_err(), "one that is too old");
    bench.failing.after(i64::MAX);
    assert_eq!(archive.days("numbers", "acme", after(3660)).await.unwrap().unwrap(), known);
}

#[tokio::test]
async fn a_tenant_reads_its_own_folder() {
    let bench = Bench::new();
    bench.source.add("acme", ago(10), 0..10);
    bench.source.add("../tenant=acme", ago(10), 100..110);
    bench.round().await;
    assert_eq!(everything(&bench.place, &bench.source, "acme").await, (0..10).collect::<Vec<_>>());
    let other = everything(&bench.place, &bench.source, "../tenant=acme").await;
    assert_eq!(other, (100..110).collect::<Vec<_>>());
    let archive = Archive::new(bench.place.clone(), 7);
    assert_eq!(archive.days("numbers", "nobody", now()).await.unwrap(), None);
}

#[tokio::test]
async fn a_folder_on_disk_holds_an_archive() {
    let folder = tempfile::tempdir().unwrap();
    let bench = Bench::at(Place::open(folder.path().to_str().unwrap()).unwrap());
    bench.source.add("Acmé", ago(10), 0..1000);
    bench.round().await;
    bench.source.expire(ago(5));
    assert_eq!(everything(&bench.place, &bench.source, "Acmé").await.len(), 1000);
    let store: &Arc<dyn ObjectStore> = bench.place.store();
    let all: Vec<_> = store.list(None).try_collect().await.unwrap();
    assert_eq!(all.len(), 4, "rows, sums, and two lists: {all:?}");
}

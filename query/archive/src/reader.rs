//! Reads parts of a day's file, each block of which is compared with its checksum.

use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use chrono::NaiveDate;
use futures::FutureExt as _;
use futures::future::BoxFuture;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt as _};
use parquet::arrow::arrow_reader::ArrowReaderOptions;
use parquet::arrow::async_reader::AsyncFileReader;
use parquet::errors::ParquetError;
use parquet::file::metadata::{PageIndexPolicy, ParquetMetaData, ParquetMetaDataReader};

use crate::blocks;
use crate::error::ArchiveError;
use crate::list::{Day, Days};
use crate::names;
use crate::place::Place;

/// Bytes at the end of a file that are fetched at once: they hold its description, mostly.
const END: usize = 128 << 10;

/// A day of a tenant and a view, to be read.
#[derive(Debug, Clone)]
pub struct DayFile {
    store: Arc<dyn ObjectStore>,
    path: Path,
    beside: Path,
    view: Arc<str>,
    day: NaiveDate,
    entry: Day,
}

impl DayFile {
    /// The file of a day on a list.
    pub fn of(place: &Place, days: &Days, day: NaiveDate, entry: &Day) -> Self {
        let shelf = names::shelf(&days.view, &days.tenant);
        Self {
            store: place.store().clone(),
            path: names::below(&shelf, &entry.file),
            beside: names::below(&shelf, &names::sums(&entry.file)),
            view: days.view.as_str().into(),
            day,
            entry: entry.clone(),
        }
    }

    /// The day.
    pub fn day(&self) -> NaiveDate {
        self.day
    }

    /// Where it lies in the place.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Its size in bytes.
    pub fn bytes(&self) -> u64 {
        self.entry.bytes
    }

    /// Opens it; nothing is fetched before it is asked for.
    pub fn open(&self) -> DayReader {
        DayReader { file: self.clone(), sums: None }
    }

    /// What is wrong with it.
    pub fn damaged(&self, reason: impl Into<String>) -> ArchiveError {
        ArchiveError::Damaged { view: self.view.to_string(), day: self.day, reason: reason.into() }
    }

    fn failed(&self, path: &Path, error: &object_store::Error) -> ArchiveError {
        match error {
            object_store::Error::NotFound { .. } => self.damaged(format!("its file {path} is missing")),
            other => {
                let (view, day, reason) = (self.view.to_string(), self.day, other.to_string());
                ArchiveError::Unread { view, day, reason }
            }
        }
    }
}

/// Reads from one file.
#[derive(Debug)]
pub struct DayReader {
    file: DayFile,
    sums: Option<Bytes>,
}

impl DayReader {
    async fn sums(&mut self) -> Result<Bytes, ArchiveError> {
        if let Some(sums) = &self.sums {
            return Ok(sums.clone());
        }
        let file = &self.file;
        let failed = |error| file.failed(&file.beside, &error);
        let sums = file.store.get(&file.beside).await.map_err(failed)?.bytes().await.map_err(failed)?;
        if blake3::hash(&sums).to_hex().as_str() != file.entry.sums {
            return Err(
                file.damaged(format!("its checksums {} are not those that were written", file.beside))
            );
        }
        Ok(self.sums.insert(sums).clone())
    }

    async fn read(&mut self, ranges: &[Range<u64>]) -> Result<Vec<Bytes>, ArchiveError> {
        let sums = self.sums().await?;
        let file = &self.file;
        let around: Vec<_> = ranges.iter().map(|range| blocks::around(range, file.entry.bytes)).collect();
        let fetched = file.store.get_ranges(&file.path, &around).await;
        let fetched = fetched.map_err(|error| file.failed(&file.path, &error))?;
        let parts = ranges.iter().zip(&around).zip(&fetched);
        parts
            .map(|((range, around), bytes)| blocks::checked(&sums, bytes, around.start, range))
            .collect::<Result<_, _>>()
            .map_err(|reason| file.damaged(reason))
    }
}

fn external(error: ArchiveError) -> ParquetError {
    ParquetError::External(Box::new(error))
}

impl AsyncFileReader for DayReader {
    fn get_bytes(&mut self, range: Range<u64>) -> BoxFuture<'_, parquet::errors::Result<Bytes>> {
        async move {
            let mut parts = self.read(&[range]).await.map_err(external)?;
            parts.pop().ok_or_else(|| external(self.file.damaged("it gave nothing")))
        }
        .boxed()
    }

    fn get_byte_ranges(
        &mut self,
        ranges: Vec<Range<u64>>,
    ) -> BoxFuture<'_, parquet::errors::Result<Vec<Bytes>>> {
        async move { self.read(&ranges).await.map_err(external) }.boxed()
    }

    fn get_metadata<'a>(
        &'a mut self,
        options: Option<&'a ArrowReaderOptions>,
    ) -> BoxFuture<'a, parquet::errors::Result<Arc<ParquetMetaData>>> {
        async move {
            let index = options.map_or(PageIndexPolicy::Skip, ArrowReaderOptions::column_index_policy);
            let size = self.file.entry.bytes;
            let reader =
                ParquetMetaDataReader::new().with_page_index_policy(index).with_prefetch_hint(Some(END));
            Ok(Arc::new(reader.load_and_finish(self, size).await?))
        }
        .boxed()
    }
}

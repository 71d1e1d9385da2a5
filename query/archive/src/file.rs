//! A day's file: Parquet, sorted by time, in groups of rows that a reader can pass over.

use arrow::array::RecordBatch;
use arrow::datatypes::{Schema, SchemaRef};
use bytes::Bytes;
use futures::future::BoxFuture;
use futures::stream::BoxStream;
use futures::{FutureExt as _, StreamExt as _};
use object_store::buffered::BufWriter;
use object_store::path::Path;
use object_store::{ObjectStoreExt as _, PutPayload};
use parquet::arrow::AsyncArrowWriter;
use parquet::arrow::async_writer::AsyncFileWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::metadata::SortingColumn;
use parquet::file::properties::WriterProperties;
use parquet::schema::types::ColumnPath;
use tokio::io::AsyncWriteExt as _;

use crate::blocks::Summing;
use crate::error::{ArchiveError, Result};
use crate::names;
use crate::place::Place;

/// Rows of a group: few enough that a question about minutes passes over most of a day.
const GROUP_ROWS: usize = 128 << 10;
/// Bytes after which a group ends though it has fewer rows: it is in memory as a whole.
const GROUP_BYTES: usize = 32 << 20;
/// Bytes sent at once, and how many such parts are under way: what an upload takes in memory.
const PART_BYTES: usize = 8 << 20;
const PARTS_AT_ONCE: usize = 2;
/// Columns that are asked for one value among very many: a group says whether it has the value.
const FOUND_BY: [&str; 5] = ["trace_id", "customer_id", "order_id", "portfolio_id", "event_id"];
/// Different values of such a column in a group that its filter is made for.
const VALUES: u64 = 32 << 10;

/// A written file.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Written {
    pub(crate) rows: u64,
    pub(crate) bytes: u64,
    pub(crate) checksum: String,
    pub(crate) sums: String,
}

/// Why rows did not become a file: reading them failed, or writing did.
pub(crate) enum Broken {
    Rows(String),
    Place(ArchiveError),
}

/// Writes the rows, and the checksums beside them; both outlive a loss of power.
pub(crate) async fn write(
    place: &Place,
    shelf: &Path,
    file: &str,
    schema: SchemaRef,
    rows: BoxStream<'_, Result<RecordBatch, String>>,
) -> Result<Written, Broken> {
    let path = names::below(shelf, file);
    let out = BufWriter::with_capacity(place.store().clone(), path.clone(), PART_BYTES);
    let mut upload =
        Upload { out: out.with_max_concurrency(PARTS_AT_ONCE), summing: Summing::default(), ends: false };
    let count = match encode(&mut upload, schema, rows).await {
        Ok(count) => count,
        Err(broken) => {
            // What is left of it all the same is removed with other files that no list names. An upload that broke off
            // at its end cannot be taken back.
            if !upload.ends {
                let _ = upload.out.abort().await;
            }
            return Err(broken(place));
        }
    };
    let (bytes, whole, sums) = upload.summing.finish();
    let beside = names::below(shelf, &names::sums(file));
    let written = Written {
        rows: count,
        bytes,
        checksum: whole.to_hex().to_string(),
        sums: blake3::hash(&sums).to_hex().to_string(),
    };
    let put = place.store().put(&beside, PutPayload::from(sums)).await;
    put.map_err(|error| Broken::Place(place.failed(&error)))?;
    for path in [&path, &beside] {
        place.keep(path).await.map_err(Broken::Place)?;
    }
    Ok(written)
}

type Why = Box<dyn FnOnce(&Place) -> Broken + Send>;

async fn encode(
    upload: &mut Upload,
    schema: SchemaRef,
    mut rows: BoxStream<'_, Result<RecordBatch, String>>,
) -> Result<u64, Why> {
    let failed = |error: ParquetError| -> Why {
        Box::new(move |place| {
            Broken::Place(ArchiveError::Place { place: place.shown().to_owned(), reason: error.to_string() })
        })
    };
    let properties = properties(&schema);
    let mut writer = AsyncArrowWriter::try_new(upload, schema, Some(properties)).map_err(failed)?;
    let mut count = 0;
    while let Some(batch) = rows.next().await {
        let batch = batch.map_err(|reason| -> Why { Box::new(|_| Broken::Rows(reason)) })?;
        count += batch.num_rows() as u64;
        writer.write(&batch).await.map_err(failed)?;
    }
    writer.close().await.map_err(failed)?;
    Ok(count)
}

fn properties(schema: &Schema) -> WriterProperties {
    let by_time = SortingColumn { column_idx: 0, descending: false, nulls_first: false };
    let mut properties = WriterProperties::builder()
        .set_created_by("headroom".to_owned())
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_max_row_group_row_count(Some(GROUP_ROWS))
        .set_max_row_group_bytes(Some(GROUP_BYTES))
        .set_sorting_columns(Some(vec![by_time]));
    for column in FOUND_BY.into_iter().filter(|name| schema.field_with_name(name).is_ok()) {
        let column = ColumnPath::from(column);
        properties = properties
            .set_column_bloom_filter_enabled(column.clone(), true)
            .set_column_bloom_filter_max_ndv(column, VALUES);
    }
    properties.build()
}

/// Bytes on their way to the place.
struct Upload {
    out: BufWriter,
    summing: Summing,
    ends: bool,
}

impl AsyncFileWriter for &mut Upload {
    fn write(&mut self, bytes: Bytes) -> BoxFuture<'_, parquet::errors::Result<()>> {
        async move {
            self.summing.add(&bytes);
            self.out.put(bytes).await.map_err(|error| ParquetError::External(Box::new(error)))
        }
        .boxed()
    }

    fn complete(&mut self) -> BoxFuture<'_, parquet::errors::Result<()>> {
        async move {
            self.ends = true;
            self.out.shutdown().await.map_err(|error| ParquetError::External(Box::new(error)))
        }
        .boxed()
    }
}

//! Groups by time, kept by the day for as long as nothing of that day changes.
//!
//! A chart of thirty days that is drawn again has one day that moved. A question of groups that do not reach over
//! midnight (UTC) is cut into days; each whole day's groups are kept beside the mark of what ClickHouse had of it: a hash
//! of the names of its parts, which any insert, merge or deletion changes. Days with the same mark are not read again,
//! all others are read in one question. So a day that is over is computed once, late rows included, and only the
//! open one each time. Marks are read before the rows: rows that come in between make a kept day look older than it is,
//! and it is read again.
//!
//! What is kept belongs to a tenant and a question: both are in the SQL that is the key. Kept days together have
//! `cache_bytes` at most; those that were not asked for the longest go first. A cluster's parts are on other nodes,
//! so nothing is kept there.

mod daily;
mod marks;
mod shelf;

use std::sync::Arc;

use datafusion::arrow::array::{AsArray as _, BooleanArray, RecordBatch};
use datafusion::arrow::compute::{concat_batches, filter_record_batch};
use datafusion::arrow::datatypes::{SchemaRef, TimestampNanosecondType};
use datafusion::error::Result;
use futures::stream::{self, BoxStream, StreamExt as _, TryStreamExt as _};

pub(crate) use daily::Daily;
use daily::{DAY, Part};
pub(crate) use shelf::Shelf;

use crate::fetch::Reader;

/// The groups of a question, days that are kept before the others. Nothing is sent before the first poll.
pub(crate) fn read(
    reader: Arc<Reader>,
    daily: Daily,
    schema: SchemaRef,
    tenant: &str,
) -> BoxStream<'static, Result<RecordBatch>> {
    let tenant: Arc<str> = tenant.into();
    let rows = async move {
        let Some(marks) = marks::of(&reader, &daily).await else {
            return reader.asked(daily.question(), schema, &tenant);
        };
        let (mut kept, mut missing) = (Vec::new(), Vec::new());
        for (day, mark) in marks {
            let Some(part) = daily.part(day) else { continue };
            let key = part.whole.then(|| reader.sql(&daily.of(std::slice::from_ref(&part)), &tenant));
            match key.as_deref().and_then(|key| reader.shelf.day(key, mark)) {
                Some(rows) => kept.push(Ok(rows)),
                None => missing.push(Missing { part, mark, key }),
            }
        }
        metrics::counter!("headroom_sql_days_total", "from" => "kept").increment(kept.len() as u64);
        metrics::counter!("headroom_sql_days_total", "from" => "store").increment(missing.len() as u64);
        let kept = stream::iter(kept);
        if missing.is_empty() {
            return kept.boxed();
        }
        let parts: Vec<Part> = missing.iter().map(|one| one.part.clone()).collect();
        let asked = reader.asked(&daily.of(&parts), Arc::clone(&schema), &tenant);
        let gathered = Gathered { schema, rows: Some(Vec::new()), bytes: 0, missing, daily, reader };
        kept.chain(gathered.along(asked)).boxed()
    };
    stream::once(rows).flatten().boxed()
}

/// A part of the time that is not kept.
struct Missing {
    part: Part,
    mark: u64,
    /// Of a whole day, under what it is kept.
    key: Option<String>,
}

/// What goes by, to be kept when it has come to its end.
struct Gathered {
    schema: SchemaRef,
    /// None when it has become too much.
    rows: Option<Vec<RecordBatch>>,
    bytes: usize,
    missing: Vec<Missing>,
    daily: Daily,
    reader: Arc<Reader>,
}

impl Gathered {
    /// The same rows.
    fn along(
        self,
        rows: BoxStream<'static, Result<RecordBatch>>,
    ) -> impl stream::Stream<Item = Result<RecordBatch>> + Send + 'static {
        stream::try_unfold((rows, self), |(mut rows, mut gathered)| async move {
            let Some(batch) = rows.try_next().await? else {
                gathered.keep()?;
                return Ok(None);
            };
            gathered.take(&batch);
            Ok(Some((batch, (rows, gathered))))
        })
    }

    fn take(&mut self, batch: &RecordBatch) {
        self.bytes += batch.get_array_memory_size();
        if self.bytes > self.reader.shelf.largest() {
            self.rows = None;
        }
        if let Some(rows) = &mut self.rows {
            rows.push(batch.clone());
        }
    }

    /// Puts each whole day's groups on the shelf.
    fn keep(self) -> Result<()> {
        let Some(rows) = self.rows else { return Ok(()) };
        let all = concat_batches(&self.schema, &rows)?;
        let steps = all.column(self.daily.step).as_primitive::<TimestampNanosecondType>().values();
        for Missing { part, mark, key } in self.missing {
            let Some(key) = key else { continue };
            let those: BooleanArray = steps.iter().map(|at| Some(at.div_euclid(DAY) == part.day)).collect();
            self.reader.shelf.keep(key, mark, filter_record_batch(&all, &those)?);
        }
        Ok(())
    }
}

//! Where rows come from before they are archived.

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use async_trait::async_trait;
use chrono::NaiveDate;
use futures::stream::BoxStream;

use crate::list::Held;

/// A day of a tenant and a view.
#[derive(Debug, Clone, Copy)]
pub struct OfDay<'a> {
    /// The view.
    pub view: &'a str,
    /// The tenant.
    pub tenant: &'a str,
    /// The day, UTC.
    pub day: NaiveDate,
}

/// The store that rows are archived from. Errors are words for the person who runs it.
#[async_trait]
pub trait Source: Send + Sync {
    /// The views that are archived.
    fn views(&self) -> Vec<&'static str>;

    /// Days that the store keeps rows of the view.
    fn retained_days(&self, view: &str) -> u32;

    /// What the store holds of each tenant and day before `before`, in no order.
    async fn held(&self, view: &str, before: NaiveDate) -> Result<Vec<(String, NaiveDate, Held)>, String>;

    /// The same of one day.
    async fn held_on(&self, of: OfDay<'_>) -> Result<Held, String>;

    /// How many rows the view shows of a day.
    async fn count(&self, of: OfDay<'_>, held: Held) -> Result<u64, String>;

    /// The view's schema. Its first column is the time.
    fn schema(&self, view: &str) -> SchemaRef;

    /// The rows that the view shows of a day, in the order of time. Only a part of them is in memory at once.
    fn rows(&self, of: OfDay<'_>, held: Held) -> BoxStream<'static, Result<RecordBatch, String>>;
}

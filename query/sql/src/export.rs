//! Answers of any size, for files: they stream, and no limit on rows or bytes ends them.

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::SchemaRef;

use crate::auth::Principal;
use crate::door::SqlDoor;
use crate::error::{Result, SqlError};
use crate::record::Asked;
use crate::session::Running;

/// What this way in is called on record.
const EXPORT: &str = "export";
/// More rows than there are.
const ALL: usize = i64::MAX as usize - 1;

/// A running answer. Dropping it stops the work.
pub struct Export {
    /// Names and types, in order.
    pub schema: SchemaRef,
    running: Running,
    asked: Asked,
}

impl SqlDoor {
    /// Starts one statement of somebody, however many rows it gives. Every read that it makes may take as long as a
    /// statement of this door.
    pub async fn export(&self, by: &Principal, sql: &str) -> Result<Export> {
        let mut asked = self.inner.asked(by, EXPORT, sql);
        match self.started(by, sql).await {
            Ok(running) => Ok(Export { schema: running.schema.clone(), running, asked }),
            Err(error) => {
                asked.over::<()>(&Err(error.clone()));
                Err(error)
            }
        }
    }

    async fn started(&self, by: &Principal, sql: &str) -> Result<Running> {
        let turn = self.inner.turn(by).await?;
        let session = self.inner.session(by)?.reading_all();
        let planned = session.plan(sql, turn.clone()).await?;
        if !planned.parameters.is_empty() {
            return Err(SqlError::Plan(
                "there are no values for the parameters $1 ..; write them out".to_owned(),
            ));
        }
        self.inner.record(by, EXPORT, sql).await?;
        session.run(&planned, None, ALL, turn).await
    }
}

impl Export {
    /// The next rows; `None` when that was all.
    pub async fn next(&mut self) -> Result<Option<RecordBatch>> {
        let outcome = self.running.next().await;
        match &outcome {
            Ok(Some(batch)) => self.asked.gave(batch.num_rows(), crate::watch::size(batch)),
            Ok(None) => self.asked.over(&Ok(())),
            Err(error) => self.asked.over::<()>(&Err(error.clone())),
        }
        outcome
    }
}

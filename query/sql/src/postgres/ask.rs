//! A question over the wire, from its text to its first row.

use std::sync::{Arc, PoisonError};

use datafusion::arrow::datatypes::Schema;
use datafusion::common::ParamValues;
use pgwire::api::Type;
use pgwire::api::portal::Format;
use pgwire::api::results::FieldInfo;
use pgwire::error::PgWireResult;

use super::connection::State;
use super::errors::{of_statement, plain};
use crate::catalog::JSON;
use crate::error::{Result, SqlError};
use crate::queue::Turn;
use crate::record::{Asked, recorded};
use crate::rows::Rows;
use crate::session::Planned;
use crate::watch::Watch;

/// This door, as records call it.
const DOOR: &str = "postgres";

/// What a question holds while it is worked on.
pub(super) struct Work {
    asked: Asked,
    watch: Watch,
    /// The place among the running statements.
    turn: Turn,
}

impl Work {
    /// A failure is the statement's end, a success comes later, with its rows.
    fn told<T>(&mut self, outcome: Result<T>) -> PgWireResult<T> {
        told(&mut self.asked, outcome)
    }
}

impl State {
    /// Waits for a place among the running statements. Planning needs one too.
    async fn begin(&self, text: &str) -> PgWireResult<Work> {
        let admitted = self.admitted()?;
        let mut asked = self.server.door.asked(&admitted.principal, DOOR, text);
        let cancel = self.server.stop.child_token();
        self.current.begin(cancel.clone());
        let most = self.server.door.limits(&admitted.principal).deadline;
        let deadline = self.settings.lock().unwrap_or_else(PoisonError::into_inner).deadline(most);
        let mut watch = Watch::new(deadline, cancel);
        let turn = told(&mut asked, flat(watch.on(self.server.door.turn(&admitted.principal)).await))?;
        Ok(Work { asked, watch, turn })
    }

    async fn plan(&self, work: &mut Work, sql: &str) -> PgWireResult<Planned> {
        let planned = self.session()?.plan(sql, Arc::clone(&work.turn));
        let planned = flat(work.watch.on(planned).await);
        work.told(planned)
    }

    /// Plans a question that is to be asked later.
    pub(super) async fn prepare(&self, sql: &str) -> PgWireResult<Planned> {
        let mut work = self.begin(sql).await?;
        let planned = self.plan(&mut work, sql).await?;
        work.asked.not_run();
        Ok(planned)
    }

    /// Plans a question and starts it at once; `whole` is the statement around it, as it was sent.
    pub(super) async fn ask(&self, whole: &str, question: &str) -> PgWireResult<(Planned, Rows)> {
        let mut work = self.begin(whole).await?;
        let planned = self.plan(&mut work, question).await?;
        if let Err(error) = Self::check_no_parameters(&planned) {
            work.asked.over::<()>(&Err(SqlError::Plan(error.to_string())));
            return Err(error);
        }
        let rows = self.start(&planned, None, whole, work).await?;
        Ok((planned, rows))
    }

    /// Refuses a question with parameters where there are no values.
    pub(super) fn check_no_parameters(planned: &Planned) -> PgWireResult<()> {
        if planned.parameters.is_empty() {
            return Ok(());
        }
        Err(plain("42P02", "there is no parameter $1 outside of a prepared statement".to_owned()))
    }

    /// Starts a prepared question.
    pub(super) async fn run(&self, planned: &Planned, values: Option<ParamValues>) -> PgWireResult<Rows> {
        let text = recorded(&planned.text, values.as_ref());
        let work = self.begin(&text).await?;
        self.start(planned, values, &text, work).await
    }

    /// Puts a question on record and starts it.
    async fn start(
        &self,
        planned: &Planned,
        values: Option<ParamValues>,
        text: &str,
        mut work: Work,
    ) -> PgWireResult<Rows> {
        let (by, config) = (&self.admitted()?.principal, self.server.door.config());
        let limits = self.server.door.limits(by);
        let recorded = self.server.door.record(by, DOOR, text).await;
        work.told(recorded)?;
        let run = self.session()?.run(planned, values, limits.rows, Arc::clone(&work.turn));
        let running = flat(work.watch.on(run).await);
        let running = work.told(running)?;
        let Work { asked, watch, turn } = work;
        Ok(Rows {
            running,
            asked,
            watch,
            most_rows: limits.rows,
            most_bytes: limits.bytes,
            patience: config.unread_timeout(),
            _turn: turn,
        })
    }
}

/// The columns of an answer as clients know them.
pub(super) fn fields(schema: &Schema, format: &Format) -> PgWireResult<Vec<FieldInfo>> {
    if let Format::Individual(codes) = format
        && codes.len() != schema.fields().len()
    {
        let message = format!("{} result formats for {} columns", codes.len(), schema.fields().len());
        return Err(plain("08P01", message));
    }
    let fields = arrow_pg::datatypes::arrow_schema_to_pg_fields(schema, format, None)?;
    let told = fields.into_iter().zip(schema.fields()).enumerate().map(|(index, (shown, field))| {
        let json = field.metadata().contains_key(JSON) && *shown.datatype() == Type::TEXT;
        let kind = match shown.datatype() {
            _ if json => Type::JSONB,
            // What has no type yet (NULL, an untyped parameter) is text, as in Postgres.
            &Type::UNKNOWN => Type::TEXT,
            _ => return shown,
        };
        FieldInfo::new(shown.name().to_owned(), None, None, kind, format.format_for(index))
    });
    Ok(told.collect())
}

fn flat<T>(outcome: Result<Result<T>>) -> Result<T> {
    outcome.and_then(|inner| inner)
}

fn told<T>(asked: &mut Asked, outcome: Result<T>) -> PgWireResult<T> {
    if outcome.is_err() {
        asked.over(&outcome);
    }
    outcome.map_err(|error| of_statement(&error))
}

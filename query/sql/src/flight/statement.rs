//! Statements: planned for a ticket, run when it is redeemed.
//!
//! A ticket and a prepared statement hold text, not a plan: whoever redeems one has it planned anew in a session of
//! their own, so that even a ticket in wrong hands would show those hands their own tenant. What is under a handle has
//! the size of what was sent.

mod running;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use datafusion::arrow::datatypes::DataType;
use datafusion::common::ParamValues;
use datafusion::scalar::ScalarValue;
use futures::StreamExt as _;
use tokio_util::sync::CancellationToken;
use tonic::Status;

use super::answer::{self, Messages};
use super::handles::{Bounds, Handle, Handles};
use super::markers::numbered;
use super::status::of_statement;
use crate::auth::Principal;
use crate::door::Inner;
use crate::error::{Result, SqlError};
use crate::queue::Turn;
use crate::record::recorded;
use crate::rows::Rows;
use crate::session::{Planned, Running, Session};
use crate::watch::Watch;

/// This door, as records call it.
const DOOR: &str = "flight";

/// Tickets that nobody redeems are kept for minutes, prepared statements that nobody runs for an hour.
const TICKETS: Bounds =
    Bounds { of_one: 256, bytes_of_one: 4 << 20, bytes_of_all: 64 << 20, unused: Duration::from_mins(5) };
const PREPARED: Bounds = Bounds { unused: Duration::from_hours(1), ..TICKETS };

/// What a handle takes beside its text.
const HANDLE_BYTES: usize = 512;

/// A statement with the values of its parameters.
#[derive(Clone)]
struct Question {
    text: Arc<str>,
    values: Arc<[ScalarValue]>,
}

/// A prepared statement.
#[derive(Clone)]
pub(super) struct Prepared {
    question: Question,
    /// Of the answer, as clients read it.
    pub(super) schema: Bytes,
    /// The parameters in order, `None` where the question leaves the type open.
    pub(super) parameters: Arc<[Option<DataType>]>,
}

/// The statements of all clients.
pub(super) struct Statements {
    door: Arc<Inner>,
    tickets: Handles<Question>,
    prepared: Handles<Prepared>,
    running: Arc<running::Registry>,
    stop: CancellationToken,
}

impl Statements {
    pub(super) fn new(door: Arc<Inner>, stop: CancellationToken) -> Self {
        let (tickets, prepared) = (Handles::new(TICKETS), Handles::new(PREPARED));
        Self { door, tickets, prepared, running: Arc::default(), stop }
    }

    /// Plans a statement and keeps it: its schema, and the handle of a ticket.
    pub(super) async fn ticket(&self, who: &Principal, sql: &str) -> Result<(Bytes, Handle), Status> {
        let Prepared { question, schema, parameters } = self.plan(who, sql).await?;
        if !parameters.is_empty() {
            let words = "there are no values for the parameters; prepare the statement and bind them";
            return Err(of_statement(&SqlError::Plan(words.to_owned())));
        }
        Ok((schema, self.keep(who, question)?))
    }

    /// The schema of a statement's answer.
    pub(super) async fn schema(&self, who: &Principal, sql: &str) -> Result<Bytes, Status> {
        Ok(self.plan(who, sql).await?.schema)
    }

    /// Plans a statement that will be run more than once.
    pub(super) async fn prepare(&self, who: &Principal, sql: &str) -> Result<(Prepared, Handle), Status> {
        let prepared = self.plan(who, sql).await?;
        let handle = self.prepared.put(who, prepared.clone(), prepared.bytes());
        Ok((prepared, handle.map_err(|error| of_statement(&error))?))
    }

    /// A prepared statement of somebody.
    pub(super) fn prepared(&self, who: &Principal, handle: Option<Handle>) -> Result<Prepared, Status> {
        handle.and_then(|handle| self.prepared.get(who, handle)).ok_or_else(|| {
            Status::not_found(
                "no such prepared statement: it was closed, was not run for an hour, or made room for newer ones; \
                 prepare it again",
            )
        })
    }

    /// Gives a prepared statement the values that it runs with from now on.
    pub(super) fn bind(
        &self,
        who: &Principal,
        handle: Handle,
        values: Vec<ScalarValue>,
    ) -> Result<(), Status> {
        let mut prepared = self.prepared(who, Some(handle))?;
        prepared.question.values = values.into();
        let bytes = prepared.bytes();
        self.prepared.replace(who, handle, prepared, bytes).map_err(|error| of_statement(&error))
    }

    /// A ticket for a prepared statement with the values it has now.
    pub(super) fn prepared_ticket(&self, who: &Principal, prepared: &Prepared) -> Result<Handle, Status> {
        self.keep(who, prepared.bound()?)
    }

    /// Forgets a prepared statement; one that is not there is forgotten already.
    pub(super) fn close(&self, who: &Principal, handle: Handle) {
        self.prepared.remove(who, handle);
    }

    /// Runs what a ticket stands for.
    pub(super) async fn redeem(&self, who: &Principal, handle: Option<Handle>) -> Result<Messages, Status> {
        let found = handle.and_then(|handle| Some((handle, self.tickets.take(who, handle)?)));
        let (handle, question) = found.ok_or_else(|| {
            Status::not_found(
                "no such ticket: it was redeemed, or was left for five minutes, or made room for newer ones; ask again",
            )
        })?;
        self.run(who, handle, &question).await.map_err(|error| of_statement(&error))
    }

    /// Runs a prepared statement without a ticket.
    pub(super) async fn run_prepared(
        &self,
        who: &Principal,
        prepared: &Prepared,
    ) -> Result<Messages, Status> {
        let question = prepared.bound()?;
        self.run(who, rand::random(), &question).await.map_err(|error| of_statement(&error))
    }

    /// Stops what a ticket stands for, begun or not, and says whether there was something to stop.
    pub(super) fn cancel(&self, who: &Principal, handle: Handle) -> bool {
        self.tickets.remove(who, handle) || self.running.cancel(who, handle)
    }

    fn keep(&self, who: &Principal, question: Question) -> Result<Handle, Status> {
        let bytes = question.bytes();
        self.tickets.put(who, question, bytes).map_err(|error| of_statement(&error))
    }

    /// What a statement would give. Nothing is run; one that is refused is on record.
    async fn plan(&self, who: &Principal, sql: &str) -> Result<Prepared, Status> {
        let mut asked = self.door.asked(who, DOOR, sql);
        let mut watch = Watch::new(self.door.limits(who).deadline, self.stop.child_token());
        let planned = self.planned(who, sql, &mut watch).await;
        if planned.is_err() {
            asked.over(&planned);
        }
        let (planned, ..) = planned.map_err(|error| of_statement(&error))?;
        asked.not_run();
        Ok(Prepared {
            question: Question { text: sql.into(), values: Arc::default() },
            schema: answer::schema_bytes(planned.plan.schema().as_arrow())?,
            parameters: planned.parameters.into(),
        })
    }

    async fn planned(
        &self,
        who: &Principal,
        sql: &str,
        watch: &mut Watch,
    ) -> Result<(Planned, Session, Turn)> {
        let turn = watch.on(self.door.turn(who)).await??;
        let session = self.door.session(who)?;
        let planned = watch.on(session.plan(&numbered(sql)?, Arc::clone(&turn))).await??;
        Ok((planned, session, turn))
    }

    async fn run(&self, who: &Principal, handle: Handle, question: &Question) -> Result<Messages> {
        let config = self.door.config();
        let cancel = self.stop.child_token();
        let registered = self.running.add(who, handle, cancel.clone());
        let limits = self.door.limits(who);
        let mut watch = Watch::new(limits.deadline, cancel);
        let values = question.values.to_vec();
        let values = (!values.is_empty()).then(|| ParamValues::from(values));
        let text = recorded(&question.text, values.as_ref());
        let mut asked = self.door.asked(who, DOOR, &text);
        let started = self.start(who, question, &text, values, &mut watch).await;
        if started.is_err() {
            asked.over(&started);
        }
        let (running, turn) = started?;
        let schema = running.schema.clone();
        let rows = Rows {
            running,
            asked,
            watch,
            most_rows: limits.rows,
            most_bytes: limits.bytes,
            patience: config.unread_timeout(),
            _turn: turn,
        };
        let rows = rows.pieces(|batch| answer::slices(&batch)).map(move |piece| {
            let _registered = &registered;
            piece.map_err(|error| of_statement(&error))
        });
        Ok(answer::messages(schema, rows))
    }

    async fn start(
        &self,
        who: &Principal,
        question: &Question,
        text: &str,
        values: Option<ParamValues>,
        watch: &mut Watch,
    ) -> Result<(Running, Turn)> {
        let (planned, session, turn) = self.planned(who, &question.text, watch).await?;
        self.door.record(who, DOOR, text).await?;
        let rows = self.door.limits(who).rows;
        let run = session.run(&planned, values, rows, Arc::clone(&turn));
        Ok((watch.on(run).await??, turn))
    }
}

impl Question {
    fn bytes(&self) -> usize {
        HANDLE_BYTES + self.text.len() + self.values.iter().map(ScalarValue::size).sum::<usize>()
    }
}

impl Prepared {
    fn bytes(&self) -> usize {
        self.question.bytes() + self.schema.len() + self.parameters.len() * size_of::<Option<DataType>>()
    }

    /// The question, if all its parameters have values.
    fn bound(&self) -> Result<Question, Status> {
        let (needed, sent) = (self.parameters.len(), self.question.values.len());
        if needed == sent {
            return Ok(self.question.clone());
        }
        Err(Status::invalid_argument(format!("{needed} parameters are needed, {sent} were sent")))
    }
}

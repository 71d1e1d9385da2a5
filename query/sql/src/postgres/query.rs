//! Statements over the wire, and the simple protocol.

use std::fmt::Debug;
use std::sync::Arc;

use async_trait::async_trait;
use futures::{Sink, StreamExt as _};
use pgwire::api::portal::Format;
use pgwire::api::query::SimpleQueryHandler;
use pgwire::api::results::{DataRowEncoder, FieldInfo, QueryResponse, Response, Tag};
use pgwire::api::store::PortalStore;
use pgwire::api::{ClientInfo, ClientPortalStore};
use pgwire::error::{PgWireError, PgWireResult};
use pgwire::messages::PgWireBackendMessage;
use pgwire::messages::response::TransactionStatus;

use super::ask::fields;
use super::command::{self, Command};
use super::connection::{Connection, State};
use super::errors::{of_statement, plain};
use super::local::{self, Local};
use super::{copy, cursor, encode, several};
use crate::rows::Rows;
use crate::session::Planned;

/// A prepared statement.
#[derive(Debug, Clone)]
pub(super) enum Prepared {
    Local(Local),
    Command { text: Arc<str>, command: Command },
    Question(Box<Planned>),
}

#[async_trait]
impl SimpleQueryHandler for Connection {
    async fn do_query<C>(&self, client: &mut C, sql: &str) -> PgWireResult<Vec<Response>>
    where
        C: ClientInfo + ClientPortalStore + Sink<PgWireBackendMessage> + Unpin + Send + Sync,
        C::PortalStore: PortalStore,
        C::Error: Debug,
        PgWireError: From<<C as Sink<PgWireBackendMessage>>::Error>,
    {
        let state = &self.0;
        state.session()?;
        // A text that cannot be divided is one that cannot be parsed, which is said below.
        if let Ok(statements) = several::split(sql)
            && statements.len() > 1
        {
            return self.several(client, &statements).await;
        }
        if let Some(local) = local::parse(sql) {
            return Ok(vec![state.answer_locally(client, &local, &Format::UnifiedText)?]);
        }
        check_transaction(client)?;
        if let Some(command) = command::parse(sql).map_err(|error| of_statement(&error))? {
            return Ok(vec![state.obey(client, sql, &command, &Format::UnifiedText).await?]);
        }
        let (planned, rows) = state.ask(sql, sql).await?;
        Ok(vec![Response::Query(answer(&planned, rows, &Format::UnifiedText)?)])
    }
}

impl State {
    /// Carries out a statement around a question.
    pub(super) async fn obey<C>(
        &self,
        client: &mut C,
        text: &str,
        command: &Command,
        format: &Format,
    ) -> PgWireResult<Response>
    where
        C: ClientInfo + ClientPortalStore + Sink<PgWireBackendMessage> + Unpin + Send + Sync,
        C::PortalStore: PortalStore,
        C::Error: Debug,
        PgWireError: From<<C as Sink<PgWireBackendMessage>>::Error>,
    {
        match command {
            Command::Copy { question, format } => {
                let (planned, rows) = self.ask(text, question).await?;
                let binary = matches!(format, copy::Format::Binary);
                let fields = Arc::new(fields(&planned.schema, &Format::from(i16::from(binary)))?);
                let rows = encode::rows(rows, fields.clone(), format.encoder(fields.clone()));
                Ok(Response::Execution(copy::send(client, format, &fields, rows).await?))
            }
            Command::Declare { name, question, hold } => {
                self.cursors.check(name)?;
                let (planned, rows) = self.ask(text, question).await?;
                let rows = answer(&planned, rows, &Format::UnifiedText)?;
                self.cursors.open(client.portal_store(), name.clone(), *hold, planned, rows).await;
                Ok(Response::Execution(Tag::new("DECLARE CURSOR")))
            }
            Command::Fetch { name, rows, moves: true } => {
                let skipped = cursor::skip(&*self.cursors.get(name)?, *rows).await?;
                Ok(Response::Execution(Tag::new("MOVE").with_rows(skipped)))
            }
            Command::Fetch { name, rows, .. } => {
                if matches!(format, Format::UnifiedBinary) {
                    return Err(plain("0A000", "cursors give their rows as text only".to_owned()));
                }
                let fields = Arc::new(self.cursor_fields(name)?);
                Ok(Response::Query(cursor::fetch(&*self.cursors.get(name)?, fields, *rows).await?))
            }
            Command::Close { name } => {
                self.cursors.close(client.portal_store(), name.as_deref())?;
                Ok(Response::Execution(Tag::new(if name.is_some() {
                    "CLOSE CURSOR"
                } else {
                    "CLOSE CURSOR ALL"
                })))
            }
        }
    }

    pub(super) fn cursor_fields(&self, name: &str) -> PgWireResult<Vec<FieldInfo>> {
        match &self.cursors.get(name)?.statement.statement {
            Prepared::Question(planned) => fields(&planned.schema, &Format::UnifiedText),
            _ => Err(plain("34000", format!("{name:?} is no cursor"))),
        }
    }
}

/// The rows of a question as they run.
pub(super) fn answer(planned: &Planned, rows: Rows, format: &Format) -> PgWireResult<QueryResponse> {
    let fields = Arc::new(fields(&planned.schema, format)?);
    let encoder = DataRowEncoder::new(fields.clone());
    Ok(QueryResponse::new(fields.clone(), encode::rows(rows, fields, encoder).boxed()))
}

/// As in Postgres, a failed transaction takes nothing but its end.
pub(super) fn check_transaction<C: ClientInfo>(client: &C) -> PgWireResult<()> {
    if client.transaction_status() == TransactionStatus::Error { Err(aborted()) } else { Ok(()) }
}

/// What a failed transaction answers.
pub(super) fn aborted() -> PgWireError {
    plain(
        "25P02",
        "current transaction is aborted, commands ignored until end of transaction block".to_owned(),
    )
}

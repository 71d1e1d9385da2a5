//! Statements over the wire, in both protocols.

use std::fmt::Debug;
use std::sync::{Arc, PoisonError};

use async_trait::async_trait;
use datafusion::arrow::datatypes::Schema;
use datafusion::common::ParamValues;
use futures::{Sink, stream};
use pgwire::api::portal::{Format, Portal};
use pgwire::api::query::{ExtendedQueryHandler, SimpleQueryHandler};
use pgwire::api::results::{DataRowEncoder, FieldInfo, QueryResponse, Response, Tag};
use pgwire::api::stmt::QueryParser;
use pgwire::api::store::PortalStore;
use pgwire::api::{ClientInfo, ClientPortalStore, Type};
use pgwire::error::{PgWireError, PgWireResult};
use pgwire::messages::PgWireBackendMessage;
use pgwire::messages::response::TransactionStatus;

use super::connection::{Connection, State};
use super::errors::{of_statement, plain};
use super::local::{self, Local};
use super::parameters;
use super::rows;
use crate::door::Turn;
use crate::error::{Result, SqlError};
use crate::record::{Asked, recorded};
use crate::rows::Rows;
use crate::session::Planned;
use crate::watch::Watch;

/// This door, as records call it.
const DOOR: &str = "postgres";

/// A prepared statement.
#[derive(Debug, Clone)]
pub(super) enum Prepared {
    Local(Local),
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
        let session = state.session()?;
        if let Some(local) = local::parse(sql) {
            return Ok(vec![state.answer_locally(client, &local, &Format::UnifiedText)?]);
        }
        check_transaction(client)?;
        let mut asked = state.asked(sql)?;
        let mut watch = state.watch();
        let turn = state.turn(&mut asked, &mut watch).await?;
        let planned = told(&mut asked, flat(watch.on(session.plan(sql, Arc::clone(&turn))).await))?;
        if !planned.parameters.is_empty() {
            let words = "there is no parameter $1 outside of a prepared statement".to_owned();
            asked.over::<()>(&Err(SqlError::Plan(words.clone())));
            return Err(plain("42P02", words));
        }
        state.record(&mut asked, sql).await?;
        Ok(vec![state.start(&planned, None, watch, turn, asked, &Format::UnifiedText).await?])
    }
}

#[async_trait]
impl ExtendedQueryHandler for Connection {
    type Statement = Prepared;
    type QueryParser = Self;

    fn query_parser(&self) -> Arc<Self> {
        Arc::new(self.clone())
    }

    async fn do_query<C>(
        &self,
        client: &mut C,
        portal: &Portal<Prepared>,
        _most: usize,
    ) -> PgWireResult<Response>
    where
        C: ClientInfo + ClientPortalStore + Sink<PgWireBackendMessage> + Unpin + Send + Sync,
        C::PortalStore: PortalStore<Statement = Self::Statement>,
        C::Error: Debug,
        PgWireError: From<<C as Sink<PgWireBackendMessage>>::Error>,
    {
        let state = &self.0;
        match &portal.statement.statement {
            Prepared::Local(local) => state.answer_locally(client, local, &portal.result_column_format),
            Prepared::Question(planned) => {
                check_transaction(client)?;
                let values = match planned.parameters.as_slice() {
                    [] => None,
                    types => Some(parameters::values(portal, types)?),
                };
                let text = recorded(&planned.text, values.as_ref());
                let mut asked = state.asked(&text)?;
                let mut watch = state.watch();
                let turn = state.turn(&mut asked, &mut watch).await?;
                state.record(&mut asked, &text).await?;
                state.start(planned, values, watch, turn, asked, &portal.result_column_format).await
            }
        }
    }
}

#[async_trait]
impl QueryParser for Connection {
    type Statement = Prepared;

    async fn parse_sql<C>(&self, client: &C, sql: &str, _: &[Option<Type>]) -> PgWireResult<Option<Prepared>>
    where
        C: ClientInfo + Unpin + Send + Sync,
    {
        let state = &self.0;
        let session = state.session()?;
        if let Some(local) = local::parse(sql) {
            return Ok(Some(Prepared::Local(local)));
        }
        check_transaction(client)?;
        let mut asked = state.asked(sql)?;
        let mut watch = state.watch();
        let turn = state.turn(&mut asked, &mut watch).await?;
        let planned = told(&mut asked, flat(watch.on(session.plan(sql, turn)).await))?;
        asked.not_run();
        Ok(Some(Prepared::Question(Box::new(planned))))
    }

    fn get_parameter_types(&self, prepared: &Prepared) -> PgWireResult<Vec<Type>> {
        let Prepared::Question(planned) = prepared else { return Ok(Vec::new()) };
        planned
            .parameters
            .iter()
            .map(|kind| kind.as_ref().map_or(Ok(Type::TEXT), arrow_pg::datatypes::into_pg_type))
            .collect()
    }

    fn get_result_schema(
        &self,
        prepared: &Prepared,
        format: Option<&Format>,
    ) -> PgWireResult<Vec<FieldInfo>> {
        let format = format.unwrap_or(&Format::UnifiedText);
        match prepared {
            Prepared::Local(Local::Show { name }) => Ok(vec![shown(name, format)]),
            Prepared::Local(_) => Ok(Vec::new()),
            Prepared::Question(planned) => fields(planned.plan.schema().as_arrow(), format),
        }
    }
}

impl State {
    /// The time and the cancel switch of a statement that begins now.
    fn watch(&self) -> Watch {
        let cancel = self.server.stop.child_token();
        self.current.begin(cancel.clone());
        let deadline = self
            .settings
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .deadline(self.server.door.config().deadline());
        Watch::new(deadline, cancel)
    }

    /// Waits for a place among the running statements. Planning needs one too.
    async fn turn(&self, asked: &mut Asked, watch: &mut Watch) -> PgWireResult<Turn> {
        told(asked, flat(watch.on(self.server.door.turn()).await))
    }

    /// Puts a statement on record before it runs.
    async fn record(&self, asked: &mut Asked, text: &str) -> PgWireResult<()> {
        told(asked, self.server.door.record(&self.admitted()?.principal, DOOR, text).await)
    }

    /// A statement that begins.
    fn asked(&self, sql: &str) -> PgWireResult<Asked> {
        Ok(self.server.door.asked(&self.admitted()?.principal, DOOR, sql))
    }

    async fn start(
        &self,
        planned: &Planned,
        values: Option<ParamValues>,
        mut watch: Watch,
        turn: Turn,
        mut asked: Asked,
        format: &Format,
    ) -> PgWireResult<Response> {
        let config = self.server.door.config();
        let session = self.session()?;
        let run = session.run(planned.plan.clone(), values, config.postgres_rows, Arc::clone(&turn));
        let running = told(&mut asked, flat(watch.on(run).await))?;
        let fields = Arc::new(fields(&running.schema, format)?);
        let rows = Rows {
            running,
            asked,
            watch,
            most_rows: config.postgres_rows,
            most_bytes: config.result_bytes,
            patience: config.unread_timeout(),
            _turn: turn,
        };
        Ok(Response::Query(QueryResponse::new(fields.clone(), rows::encoded(rows, fields))))
    }

    fn answer_locally<C: ClientInfo>(
        &self,
        client: &C,
        local: &Local,
        format: &Format,
    ) -> PgWireResult<Response> {
        let mut settings = self.settings.lock().unwrap_or_else(PoisonError::into_inner);
        let failed = client.transaction_status() == TransactionStatus::Error;
        Ok(match local {
            Local::Commit if !failed => Response::TransactionEnd(Tag::new("COMMIT")),
            Local::Commit | Local::Rollback => Response::TransactionEnd(Tag::new("ROLLBACK")),
            _ if failed => return Err(aborted()),
            Local::Begin => Response::TransactionStart(Tag::new("BEGIN")),
            Local::Nothing { tag } => Response::Execution(Tag::new(tag)),
            Local::Set { name, value } => {
                settings.set(name.clone(), value.clone()).map_err(|why| plain("22023", why))?;
                Response::Execution(Tag::new("SET"))
            }
            Local::Reset { name } => {
                settings.reset(name);
                Response::Execution(Tag::new("RESET"))
            }
            Local::ResetAll { tag } => {
                settings.reset_all();
                Response::Execution(Tag::new(tag))
            }
            Local::Show { name } => {
                let unknown = || plain("42704", format!("unrecognized configuration parameter {name:?}"));
                let value = settings.get(name).ok_or_else(unknown)?.to_owned();
                let fields = Arc::new(vec![shown(name, format)]);
                let mut encoder = DataRowEncoder::new(fields.clone());
                encoder.encode_field(&value)?;
                let row = encoder.take_row();
                let mut response = QueryResponse::new(fields, stream::iter([Ok(row)]));
                response.set_command_tag("SHOW");
                Response::Query(response)
            }
        })
    }
}

/// The one column of SHOW.
fn shown(name: &str, format: &Format) -> FieldInfo {
    FieldInfo::new(name.to_owned(), None, None, Type::TEXT, format.format_for(0))
}

fn fields(schema: &Schema, format: &Format) -> PgWireResult<Vec<FieldInfo>> {
    if let Format::Individual(codes) = format
        && codes.len() != schema.fields().len()
    {
        let message = format!("{} result formats for {} columns", codes.len(), schema.fields().len());
        return Err(plain("08P01", message));
    }
    let fields = arrow_pg::datatypes::arrow_schema_to_pg_fields(schema, format, None)?;
    // What has no type yet (NULL, an untyped parameter) is text, as in Postgres.
    let typed = |(index, field): (usize, FieldInfo)| match field.datatype() {
        &Type::UNKNOWN => {
            FieldInfo::new(field.name().to_owned(), None, None, Type::TEXT, format.format_for(index))
        }
        _ => field,
    };
    Ok(fields.into_iter().enumerate().map(typed).collect())
}

/// As in Postgres, a failed transaction takes nothing but its end.
fn check_transaction<C: ClientInfo>(client: &C) -> PgWireResult<()> {
    if client.transaction_status() == TransactionStatus::Error { Err(aborted()) } else { Ok(()) }
}

fn aborted() -> PgWireError {
    plain(
        "25P02",
        "current transaction is aborted, commands ignored until end of transaction block".to_owned(),
    )
}

fn flat<T>(outcome: Result<Result<T>>) -> Result<T> {
    outcome.and_then(|inner| inner)
}

/// The outcome for the client; a failure is the statement's end, a success comes later, with its rows.
fn told<T>(asked: &mut Asked, outcome: Result<T>) -> PgWireResult<T> {
    if outcome.is_err() {
        asked.over(&outcome);
    }
    outcome.map_err(|error| of_statement(&error))
}

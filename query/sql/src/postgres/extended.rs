//! The extended protocol: statements that are prepared, bound and executed.

use std::fmt::Debug;
use std::sync::Arc;

use async_trait::async_trait;
use futures::{Sink, SinkExt as _};
use pgwire::api::portal::{Format, Portal};
use pgwire::api::query::ExtendedQueryHandler;
use pgwire::api::results::{FieldInfo, Response};
use pgwire::api::stmt::{QueryParser, StoredStatement};
use pgwire::api::store::{Entry, PortalStore};
use pgwire::api::{ClientInfo, ClientPortalStore, DEFAULT_NAME, PgWireConnectionState, Type};
use pgwire::error::{PgWireError, PgWireResult};
use pgwire::messages::PgWireBackendMessage;
use pgwire::messages::extendedquery::{
    Bind, BindComplete, Close, CloseComplete, Execute, Parse, ParseComplete, Sync as PgSync,
    TARGET_TYPE_BYTE_STATEMENT,
};
use pgwire::messages::response::{ReadyForQuery, TransactionStatus};

use super::ask::fields;
use super::command::{self, Command};
use super::connection::Connection;
use super::errors::{of_statement, plain};
use super::local::{self, Local};
use super::query::{Prepared, answer, check_transaction};
use super::{cursor, parameters};

#[async_trait]
impl ExtendedQueryHandler for Connection {
    type Statement = Prepared;
    type QueryParser = Self;

    fn query_parser(&self) -> Arc<Self> {
        Arc::new(self.clone())
    }

    async fn on_parse<C>(&self, client: &mut C, message: Parse) -> PgWireResult<()>
    where
        C: ClientInfo + ClientPortalStore + Sink<PgWireBackendMessage> + Unpin + Send + Sync,
        C::PortalStore: PortalStore<Statement = Self::Statement>,
        C::Error: Debug,
        PgWireError: From<<C as Sink<PgWireBackendMessage>>::Error>,
    {
        let name = message.name.as_deref().unwrap_or(DEFAULT_NAME);
        self.0.statements.add(name)?;
        match StoredStatement::parse(client, &message, self.query_parser()).await {
            Ok(Some(statement)) => client.portal_store().put_statement(Arc::new(statement)),
            Ok(None) => client.portal_store().put_empty_statement(name),
            Err(error) => {
                self.0.statements.remove(name);
                return Err(error);
            }
        }
        Ok(client.send(PgWireBackendMessage::ParseComplete(ParseComplete::new())).await?)
    }

    async fn on_bind<C>(&self, client: &mut C, message: Bind) -> PgWireResult<()>
    where
        C: ClientInfo + ClientPortalStore + Sink<PgWireBackendMessage> + Unpin + Send + Sync,
        C::PortalStore: PortalStore<Statement = Self::Statement>,
        C::Error: Debug,
        PgWireError: From<<C as Sink<PgWireBackendMessage>>::Error>,
    {
        let statement = message.statement_name.as_deref().unwrap_or(DEFAULT_NAME);
        let name = message.portal_name.as_deref().unwrap_or(DEFAULT_NAME);
        self.0.portals.add(name)?;
        let store = client.portal_store();
        match store.get_statement(statement) {
            Some(Entry::Value(found)) => store.put_portal(Arc::new(Portal::try_new(&message, found)?)),
            Some(Entry::Empty) if message.parameters.is_empty() => store.put_empty_portal(name),
            Some(Entry::Empty) => {
                return Err(plain("08P01", "an empty statement has no parameters".to_owned()));
            }
            None => return Err(PgWireError::StatementNotFound(statement.to_owned())),
        }
        Ok(client.send(PgWireBackendMessage::BindComplete(BindComplete::new())).await?)
    }

    async fn on_close<C>(&self, client: &mut C, message: Close) -> PgWireResult<()>
    where
        C: ClientInfo + ClientPortalStore + Sink<PgWireBackendMessage> + Unpin + Send + Sync,
        C::PortalStore: PortalStore<Statement = Self::Statement>,
        C::Error: Debug,
        PgWireError: From<<C as Sink<PgWireBackendMessage>>::Error>,
    {
        let name = message.name.as_deref().unwrap_or(DEFAULT_NAME);
        if message.target_type == TARGET_TYPE_BYTE_STATEMENT {
            self.0.statements.remove(name);
            client.portal_store().rm_statement(name);
        } else {
            self.0.portals.remove(name);
            client.portal_store().rm_portal(name);
        }
        Ok(client.send(PgWireBackendMessage::CloseComplete(CloseComplete::new())).await?)
    }

    async fn on_sync<C>(&self, client: &mut C, _: PgSync) -> PgWireResult<()>
    where
        C: ClientInfo + ClientPortalStore + Sink<PgWireBackendMessage> + Unpin + Send + Sync,
        C::PortalStore: PortalStore<Statement = Self::Statement>,
        C::Error: Debug,
        PgWireError: From<<C as Sink<PgWireBackendMessage>>::Error>,
    {
        // Portals end with their transaction, and without one with the statement; cursors may be held.
        if client.transaction_status() == TransactionStatus::Idle {
            self.0.portals.take(None);
            client.portal_store().clear_portals();
            self.0.cursors.show(client.portal_store());
        } else {
            client.portal_store().rm_portal(DEFAULT_NAME);
        }
        let ready = ReadyForQuery::new(client.transaction_status());
        client.send(PgWireBackendMessage::ReadyForQuery(ready)).await?;
        Ok(client.flush().await?)
    }

    async fn on_execute<C>(&self, client: &mut C, message: Execute) -> PgWireResult<()>
    where
        C: ClientInfo + ClientPortalStore + Sink<PgWireBackendMessage> + Unpin + Send + Sync,
        C::PortalStore: PortalStore<Statement = Self::Statement>,
        C::Error: Debug,
        PgWireError: From<<C as Sink<PgWireBackendMessage>>::Error>,
    {
        let name = message.name.as_deref().unwrap_or(DEFAULT_NAME);
        let portal = match client.portal_store().get_portal(name) {
            Some(Entry::Value(portal)) if matches!(portal.statement.statement, Prepared::Question(_)) => {
                portal
            }
            _ => return self._on_execute(client, message).await,
        };
        if !matches!(client.state(), PgWireConnectionState::ReadyForQuery) {
            return Err(PgWireError::NotReadyForQuery);
        }
        client.set_state(PgWireConnectionState::QueryInProgress);
        let rows = match cursor::left(&portal).await {
            Some(rows) => rows,
            None => match ExtendedQueryHandler::do_query(self, client, &portal, 0).await? {
                Response::Query(rows) => rows,
                other => return Err(plain("XX000", format!("a question was answered with {other:?}"))),
            },
        };
        cursor::send(client, &portal, rows, usize::try_from(message.max_rows).unwrap_or(0)).await?;
        client.set_state(PgWireConnectionState::ReadyForQuery);
        Ok(())
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
        let format = &portal.result_column_format;
        match &portal.statement.statement {
            Prepared::Local(local) => state.answer_locally(client, local, format),
            Prepared::Command { text, command } => {
                check_transaction(client)?;
                state.obey(client, text, command, format).await
            }
            Prepared::Question(planned) => {
                check_transaction(client)?;
                let values = match planned.parameters.as_slice() {
                    [] => None,
                    types => Some(parameters::values(portal, types)?),
                };
                Ok(Response::Query(answer(planned, state.run(planned, values).await?, format)?))
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
        state.session()?;
        if let Some(local) = local::parse(sql) {
            return Ok(Some(Prepared::Local(local)));
        }
        check_transaction(client)?;
        if let Some(command) = command::parse(sql).map_err(|error| of_statement(&error))? {
            return Ok(Some(Prepared::Command { text: sql.into(), command }));
        }
        Ok(Some(Prepared::Question(Box::new(state.prepare(sql).await?))))
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
            Prepared::Local(Local::Show { name }) => Ok(vec![local::shown(name, format)]),
            Prepared::Command { command: Command::Fetch { name, moves: false, .. }, .. } => {
                self.0.cursor_fields(name)
            }
            Prepared::Local(_) | Prepared::Command { .. } => Ok(Vec::new()),
            Prepared::Question(planned) => fields(&planned.schema, format),
        }
    }
}

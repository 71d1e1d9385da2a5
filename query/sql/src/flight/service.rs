//! The protocol: which message asks for what.

use std::sync::Arc;

use arrow_flight::flight_service_server::FlightService;
use arrow_flight::sql::{
    ActionCancelQueryRequest, ActionCancelQueryResult, ActionClosePreparedStatementRequest,
    ActionCreatePreparedStatementRequest, ActionCreatePreparedStatementResult, Any, Command,
    DoPutPreparedStatementResult, ProstMessageExt, TicketStatementQuery,
};
use arrow_flight::{
    Action, ActionType, CancelFlightInfoRequest, CancelFlightInfoResult, CancelStatus, Criteria, Empty,
    FlightData, FlightDescriptor, FlightEndpoint, FlightInfo, HandshakeRequest, HandshakeResponse, PollInfo,
    PutResult, Result as ActionResult, SchemaResult, Ticket,
};
use async_trait::async_trait;
use bytes::Bytes;
use futures::stream::{self, BoxStream, StreamExt as _};
use prost::Message;
use tonic::{Request, Response, Status, Streaming};

use super::answer::{self, Messages};
use super::connection::{Front, Peer};
use super::handles::Handle;
use super::status::{not_offered, unreadable, writes};
use super::{metadata, parameters};
use crate::auth::Principal;

const CREATE_PREPARED: &str = "CreatePreparedStatement";
const CLOSE_PREPARED: &str = "ClosePreparedStatement";
const CANCEL_QUERY: &str = "CancelQuery";
const CANCEL_FLIGHT_INFO: &str = "CancelFlightInfo";

/// The service of one front.
#[derive(Clone)]
pub(super) struct Flight(pub(super) Arc<Front>);

type Answers<T> = BoxStream<'static, Result<T, Status>>;

#[async_trait]
impl FlightService for Flight {
    type HandshakeStream = Answers<HandshakeResponse>;
    type ListFlightsStream = Answers<FlightInfo>;
    type DoGetStream = Messages;
    type DoPutStream = Answers<PutResult>;
    type DoExchangeStream = Messages;
    type DoActionStream = Answers<ActionResult>;
    type ListActionsStream = Answers<ActionType>;

    /// User and password for a token.
    async fn handshake(
        &self,
        request: Request<Streaming<HandshakeRequest>>,
    ) -> Result<Response<Self::HandshakeStream>, Status> {
        let peer: Arc<Peer> = extension(&request)?;
        let _alone = peer.handshake.lock().await;
        let who = self.0.sign_in.by_password(request.metadata().as_ref()).await?;
        peer.admit(&who)?;
        let token = self.0.sign_in.token(&who).await?;
        let header = format!("Bearer {token}").parse();
        let header = header.map_err(|_| Status::internal("the new token is no header"))?;
        let mut response = one(HandshakeResponse { protocol_version: 0, payload: token.into() });
        response.metadata_mut().insert("authorization", header);
        Ok(response)
    }

    async fn get_flight_info(
        &self,
        request: Request<FlightDescriptor>,
    ) -> Result<Response<FlightInfo>, Status> {
        let who: Principal = extension(&request)?;
        let descriptor = request.into_inner();
        let statements = &self.0.statements;
        let (schema, ticket) = match command(&descriptor.cmd)? {
            Command::CommandStatementQuery(query) => {
                no_transaction(query.transaction_id.as_ref())?;
                let (schema, handle) = statements.ticket(&who, &query.query).await?;
                (schema, ticket(handle))
            }
            Command::CommandPreparedStatementQuery(query) => {
                let prepared = statements.prepared(&who, handle(&query.prepared_statement_handle))?;
                let handle = statements.prepared_ticket(&who, &prepared)?;
                (prepared.schema, ticket(handle))
            }
            other => {
                let schema = self.metadata(other)?.schema();
                (answer::schema_bytes(&schema)?, descriptor.cmd.clone())
            }
        };
        let endpoint = FlightEndpoint::new().with_ticket(Ticket::new(ticket));
        let info = FlightInfo { schema, ..FlightInfo::new() };
        Ok(Response::new(info.with_endpoint(endpoint).with_descriptor(descriptor)))
    }

    async fn get_schema(&self, request: Request<FlightDescriptor>) -> Result<Response<SchemaResult>, Status> {
        let who: Principal = extension(&request)?;
        let schema = match command(&request.get_ref().cmd)? {
            Command::CommandStatementQuery(query) => self.0.statements.schema(&who, &query.query).await?,
            Command::CommandPreparedStatementQuery(query) => {
                self.0.statements.prepared(&who, handle(&query.prepared_statement_handle))?.schema
            }
            other => answer::schema_bytes(&self.metadata(other)?.schema())?,
        };
        Ok(Response::new(SchemaResult { schema }))
    }

    async fn do_get(&self, request: Request<Ticket>) -> Result<Response<Messages>, Status> {
        let who: Principal = extension(&request)?;
        let statements = &self.0.statements;
        let messages = match command(&request.get_ref().ticket)? {
            Command::TicketStatementQuery(ticket) => {
                statements.redeem(&who, handle(&ticket.statement_handle)).await?
            }
            Command::CommandPreparedStatementQuery(query) => {
                let prepared = statements.prepared(&who, handle(&query.prepared_statement_handle))?;
                statements.run_prepared(&who, &prepared).await?
            }
            other => {
                let batch = self.metadata(other)?;
                answer::messages(batch.schema(), stream::iter([Ok(batch)]))
            }
        };
        Ok(Response::new(messages))
    }

    /// Values of a prepared statement; whatever else is put would be written.
    async fn do_put(
        &self,
        request: Request<Streaming<FlightData>>,
    ) -> Result<Response<Self::DoPutStream>, Status> {
        let who: Principal = extension(&request)?;
        let mut messages = request.into_inner();
        let first = messages.message().await?;
        let first = first.ok_or_else(|| Status::invalid_argument("there is no message to put"))?;
        let descriptor = first.flight_descriptor.as_ref();
        let descriptor =
            descriptor.ok_or_else(|| Status::invalid_argument("the first message has no descriptor"))?;
        let prepared_statement_handle = match command(&descriptor.cmd)? {
            Command::CommandPreparedStatementQuery(query) => query.prepared_statement_handle,
            Command::CommandStatementUpdate(_) | Command::CommandPreparedStatementUpdate(_) => {
                return Err(writes("an update"));
            }
            Command::CommandStatementIngest(_) => return Err(writes("to ingest")),
            other => return Err(not_offered(other.type_url())),
        };
        let handle = handle(&prepared_statement_handle);
        let prepared = self.0.statements.prepared(&who, handle)?;
        let row = parameters::row(stream::iter([Ok(first)]).chain(messages));
        let row = tokio::time::timeout(self.0.door.config().deadline(), row).await;
        let row =
            row.map_err(|_| Status::deadline_exceeded("the values of the parameters did not come"))??;
        let values = parameters::values(&row, &prepared.parameters)?;
        self.0.statements.bind(&who, handle.unwrap_or_default(), values)?;
        let result =
            DoPutPreparedStatementResult { prepared_statement_handle: Some(prepared_statement_handle) };
        Ok(one(PutResult { app_metadata: result.encode_to_vec().into() }))
    }

    async fn do_action(&self, request: Request<Action>) -> Result<Response<Self::DoActionStream>, Status> {
        let who: Principal = extension(&request)?;
        let Action { r#type: kind, body } = request.into_inner();
        let statements = &self.0.statements;
        let result = match kind.as_str() {
            CREATE_PREPARED => {
                let asked: ActionCreatePreparedStatementRequest = unpacked(&body)?;
                no_transaction(asked.transaction_id.as_ref())?;
                let (prepared, handle) = statements.prepare(&who, &asked.query).await?;
                let parameters = parameters::schema(&prepared.parameters);
                let result = ActionCreatePreparedStatementResult {
                    prepared_statement_handle: Bytes::copy_from_slice(&handle),
                    dataset_schema: prepared.schema,
                    parameter_schema: answer::schema_bytes(&parameters)?,
                };
                result.as_any().encode_to_vec()
            }
            CLOSE_PREPARED => {
                let asked: ActionClosePreparedStatementRequest = unpacked(&body)?;
                if let Some(handle) = handle(&asked.prepared_statement_handle) {
                    statements.close(&who, handle);
                }
                return Ok(Response::new(stream::empty().boxed()));
            }
            CANCEL_QUERY => {
                let asked: ActionCancelQueryRequest = unpacked(&body)?;
                let info = FlightInfo::decode(asked.info).map_err(|error| unreadable("the query", &error))?;
                // Both messages number their outcomes alike.
                let result = self.cancel(&who, &info)? as i32;
                ActionCancelQueryResult { result }.as_any().encode_to_vec()
            }
            CANCEL_FLIGHT_INFO => {
                let asked = CancelFlightInfoRequest::decode(body);
                let asked = asked.map_err(|error| unreadable("what to cancel", &error))?;
                let status = self.cancel(&who, &asked.info.unwrap_or_default())?;
                CancelFlightInfoResult::new(status).encode_to_vec()
            }
            other => return Err(not_offered(other)),
        };
        Ok(one(ActionResult::new(result)))
    }

    async fn list_actions(&self, _: Request<Empty>) -> Result<Response<Self::ListActionsStream>, Status> {
        let actions = [
            (CREATE_PREPARED, "Prepares a statement: ActionCreatePreparedStatementRequest"),
            (CLOSE_PREPARED, "Forgets a prepared statement: ActionClosePreparedStatementRequest"),
            (CANCEL_QUERY, "Stops a statement: ActionCancelQueryRequest"),
            (CANCEL_FLIGHT_INFO, "Stops a statement: CancelFlightInfoRequest"),
        ];
        let told = actions.map(|(kind, description)| {
            Ok(ActionType { r#type: kind.to_owned(), description: description.to_owned() })
        });
        Ok(Response::new(stream::iter(told).boxed()))
    }

    async fn list_flights(&self, _: Request<Criteria>) -> Result<Response<Self::ListFlightsStream>, Status> {
        Err(not_offered("ListFlights"))
    }

    async fn poll_flight_info(&self, _: Request<FlightDescriptor>) -> Result<Response<PollInfo>, Status> {
        Err(not_offered("PollFlightInfo"))
    }

    async fn do_exchange(&self, _: Request<Streaming<FlightData>>) -> Result<Response<Messages>, Status> {
        Err(not_offered("DoExchange"))
    }
}

impl Flight {
    fn metadata(&self, command: Command) -> Result<datafusion::arrow::array::RecordBatch, Status> {
        metadata::answer(command, self.0.door.config().deadline_s)
    }

    fn cancel(&self, who: &Principal, info: &FlightInfo) -> Result<CancelStatus, Status> {
        let ticket = info.endpoint.first().and_then(|endpoint| endpoint.ticket.as_ref());
        let ticket =
            ticket.ok_or_else(|| Status::invalid_argument("there is no ticket in what to cancel"))?;
        let Command::TicketStatementQuery(ticket) = command(&ticket.ticket)? else {
            return Ok(CancelStatus::NotCancellable);
        };
        let found =
            handle(&ticket.statement_handle).is_some_and(|handle| self.0.statements.cancel(who, handle));
        found
            .then_some(CancelStatus::Cancelled)
            .ok_or_else(|| Status::not_found("no such statement: it is over"))
    }
}

/// What the connection knows of a call.
fn extension<T, E: Clone + Send + Sync + 'static>(request: &Request<T>) -> Result<E, Status> {
    let known = request.extensions().get().cloned();
    known.ok_or_else(|| Status::internal("a call came by without being looked at"))
}

/// The only one of a stream of answers.
fn one<T: Send + 'static>(answer: T) -> Response<Answers<T>> {
    Response::new(stream::iter([Ok(answer)]).boxed())
}

fn command(bytes: &[u8]) -> Result<Command, Status> {
    let any = Any::decode(bytes).map_err(|error| unreadable("the command", &error))?;
    Command::try_from(any).map_err(|error| unreadable("the command", &error))
}

fn unpacked<M: ProstMessageExt>(body: &[u8]) -> Result<M, Status> {
    let any = Any::decode(body).map_err(|error| unreadable("the action", &error))?;
    let message = any.unpack().map_err(|error| unreadable("the action", &error))?;
    message.ok_or_else(|| unreadable("the action", &format!("it is a {}", any.type_url)))
}

/// A handle as clients send it back; what has another length is none.
fn handle(bytes: &[u8]) -> Option<Handle> {
    bytes.try_into().ok()
}

fn ticket(handle: Handle) -> Bytes {
    let ticket = TicketStatementQuery { statement_handle: Bytes::copy_from_slice(&handle) };
    ticket.as_any().encode_to_vec().into()
}

fn no_transaction(id: Option<&Bytes>) -> Result<(), Status> {
    if id.is_some() { Err(not_offered("a transaction")) } else { Ok(()) }
}

//! The Flight SQL front, set up as the program does it: over the users and tokens of `headroom-control`.

mod clients;
mod limits;
mod metadata;
mod python;
mod sign_in;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use arrow_flight::FlightInfo;
use arrow_flight::error::FlightError;
use arrow_flight::sql::client::FlightSqlServiceClient;
use chrono::{DateTime, TimeDelta, Utc};
use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::util::pretty::pretty_format_batches;
use futures::TryStreamExt as _;
use headroom_control::{Control, Role};
use headroom_sql::{Bearers, FlightServer, Principal, SqlConfig, SqlDoor};
use headroom_store::testing::TestStore;
use tokio_util::sync::CancellationToken;
use tonic::transport::Channel;

use crate::data;
use crate::postgres::PASSWORD;

pub(crate) type Client = FlightSqlServiceClient<Channel>;

/// Users and tokens, and a clock that can be put forward.
pub(crate) struct Accounts {
    pub(crate) control: Control,
    hours: AtomicI64,
}

impl Accounts {
    pub(crate) fn later(&self, hours: i64) {
        self.hours.fetch_add(hours, Ordering::SeqCst);
    }

    fn now(&self) -> DateTime<Utc> {
        Utc::now() + TimeDelta::hours(self.hours.load(Ordering::SeqCst))
    }
}

fn principal(found: headroom_control::Principal) -> Principal {
    Principal { name: found.name, role: found.role.to_string(), tenant: found.tenant }
}

impl Bearers for Accounts {
    fn bearer(&self, token: &str) -> Result<Option<Principal>, String> {
        let found = match self.control.verify_token(token, self.now()) {
            Ok(None) => self.control.session(token, self.now()),
            other => other,
        };
        found.map(|found| found.map(principal)).map_err(|error| error.to_string())
    }

    fn password(&self, user: &str, password: &str) -> Result<Option<Principal>, String> {
        match self.control.verify_password(user, password, self.now()) {
            Ok(found) => Ok(found.map(principal)),
            Err(headroom_control::ControlError::LockedOut { .. }) => Ok(None),
            Err(error) => Err(error.to_string()),
        }
    }

    fn sign_in(&self, who: &Principal) -> Result<String, String> {
        let (name, tenant) = (who.name.clone(), who.tenant.clone());
        let who = headroom_control::Principal { name, role: who.role.parse().unwrap(), tenant };
        self.control.create_session(&who, "flight", None, self.now()).map_err(|error| error.to_string())
    }
}

/// A front with accounts as the Postgres front has them, and a token for each.
pub(crate) struct Front {
    pub(crate) addr: SocketAddr,
    pub(crate) accounts: Arc<Accounts>,
    pub(crate) door: SqlDoor,
    server: FlightServer,
    stop: CancellationToken,
    _store: TestStore,
}

pub(crate) async fn front(config: SqlConfig) -> Front {
    front_of("127.0.0.1:0", config, |door| door).await
}

/// The same at another address, over a door that is not as it comes.
pub(crate) async fn front_of(listen: &str, config: SqlConfig, change: fn(SqlDoor) -> SqlDoor) -> Front {
    let control = Control::in_memory().unwrap();
    for (name, role, tenant) in [
        ("analyst", Role::Analyst, "acme"),
        ("sre", Role::Sre, "acme"),
        ("agent", Role::Agent, "acme"),
        ("boss", Role::Admin, "other"),
    ] {
        control.create_user(name, PASSWORD, role, tenant, Utc::now()).unwrap();
    }
    let accounts = Arc::new(Accounts { control, hours: AtomicI64::new(0) });
    let store = data::store().await;
    let door = change(SqlDoor::new(store.clone(), config).unwrap());
    let stop = CancellationToken::new();
    let bearers: Arc<dyn Bearers> = accounts.clone();
    let server = door.serve_flight(listen.parse().unwrap(), bearers, stop.clone()).await.unwrap();
    Front { addr: server.addr(), accounts, door, server, stop, _store: store }
}

impl Front {
    /// A client over a connection of its own, nobody yet.
    pub(crate) async fn stranger(&self) -> Client {
        let channel = Channel::from_shared(format!("http://{}", self.addr)).unwrap().connect().await.unwrap();
        FlightSqlServiceClient::new(channel)
    }

    /// A client that has signed in with user and password.
    pub(crate) async fn client(&self, user: &str) -> Client {
        let mut client = self.stranger().await;
        client.handshake(user, PASSWORD).await.unwrap();
        client
    }

    pub(crate) async fn stopped(self) {
        self.stop.cancel();
        self.server.stopped().await;
    }
}

/// Reads what an answer to a command describes.
pub(crate) async fn read(client: &mut Client, info: &FlightInfo) -> Result<Vec<RecordBatch>, String> {
    let ticket = info.endpoint[0].ticket.clone().unwrap();
    let rows = client.do_get(ticket).await.map_err(|error| words(&error))?;
    rows.try_collect().await.map_err(|error| words(&error))
}

pub(crate) async fn ask(client: &mut Client, sql: &str) -> Result<Vec<RecordBatch>, String> {
    let info = client.execute(sql.to_owned(), None).await.map_err(|error| words(&error))?;
    read(client, &info).await
}

/// The rows as a table, or why there are none.
pub(crate) async fn table(client: &mut Client, sql: &str) -> String {
    match ask(client, sql).await {
        Ok(batches) => pretty_format_batches(&batches).unwrap().to_string(),
        Err(words) => words,
    }
}

/// The code and the words of an error; quotes as they were sent.
pub(crate) fn words(error: &FlightError) -> String {
    match error {
        FlightError::Tonic(status) => format!("{:?}: {}", status.code(), status.message()),
        other => other.to_string().replace("\\\"", "\""),
    }
}

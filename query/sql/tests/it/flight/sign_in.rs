//! Who may come in, and with what.

use arrow_flight::Action;
use arrow_flight::sql::{
    ActionClosePreparedStatementRequest, CommandPreparedStatementQuery, ProstMessageExt as _,
};
use chrono::Utc;
use headroom_control::Role;
use headroom_sql::SqlConfig;
use prost::Message as _;
use tonic::{Code, Request};

use super::{Client, ask, front, read, table, words};
use crate::postgres::PASSWORD;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_or_a_password_of_those_who_may_ask() {
    let front = front(SqlConfig::default()).await;
    let control = &front.accounts.control;
    let count = "SELECT count(*) AS n FROM spans";

    let mut nobody = front.stranger().await;
    assert!(table(&mut nobody, count).await.contains("no token: send `authorization: Bearer TOKEN`"));
    nobody.set_token("hr_analyst_guess".to_owned());
    assert!(table(&mut nobody, count).await.contains("this token is not known"));
    // Every call is looked at, those of no statement too.
    for (name, status) in [
        ("list_actions", nobody.inner_mut().list_actions(arrow_flight::Empty {}).await.map(drop)),
        (
            "do_action",
            nobody.inner_mut().do_action(Action::new("CreatePreparedStatement", "")).await.map(drop),
        ),
        ("do_put", nobody.inner_mut().do_put(futures::stream::empty()).await.map(drop)),
        ("do_get", nobody.inner_mut().do_get(arrow_flight::Ticket::new("x")).await.map(drop)),
        (
            "get_schema",
            nobody.inner_mut().get_schema(arrow_flight::FlightDescriptor::new_cmd("x")).await.map(drop),
        ),
    ] {
        assert_eq!(status.unwrap_err().code(), Code::Unauthenticated, "{name}");
    }

    for (role, rows) in [
        (Role::Analyst, true),
        (Role::Sre, true),
        (Role::Admin, true),
        (Role::Agent, false),
        (Role::Ingest, false),
    ] {
        let token = control.create_token(&format!("a-{role}"), role, "acme", Utc::now()).unwrap();
        let mut client = front.stranger().await;
        client.set_token(token);
        let answer = table(&mut client, count).await;
        let right = if rows { "| 300 |" } else { "may not ask in SQL; this door is for the roles" };
        assert!(answer.contains(right), "{role}: {answer}");
    }
    let said = front.stranger().await.handshake("agent", PASSWORD).await.unwrap_err();
    assert!(words(&said).contains("\"agent\" may not ask in SQL"), "{said}");
    let said = front.stranger().await.handshake("analyst", "wrong").await.unwrap_err();
    assert!(words(&said).contains("user or password is wrong"), "{said}");

    // A token that is revoked, and an account that is disabled, are out with the next call.
    let token = control.create_token("short", Role::Analyst, "acme", Utc::now()).unwrap();
    let (mut program, mut person) = (front.stranger().await, front.client("sre").await);
    program.set_token(token);
    let info = person.execute(count.to_owned(), None).await.unwrap();
    assert!(ask(&mut program, count).await.is_ok());
    control.revoke_token("short", Utc::now()).unwrap();
    control.disable_user("sre", Utc::now()).unwrap();
    assert!(table(&mut program, count).await.contains("this token is not known"));
    assert!(read(&mut person, &info).await.unwrap_err().contains("this token is not known"));
    front.stopped().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sign_in_ends() {
    let front = front(SqlConfig::default()).await;
    let mut client = front.client("analyst").await;
    front.accounts.later(11);
    assert!(ask(&mut client, "SELECT 1").await.is_ok());
    front.accounts.later(1);
    assert!(table(&mut client, "SELECT 1").await.contains("has expired; sign in again"));
    // This client would show the old token in place of the password.
    client.clear_token();
    client.handshake("analyst", PASSWORD).await.unwrap();
    assert!(ask(&mut client, "SELECT 1").await.is_ok());
    front.accounts.control.set_password("analyst", "another é 12").unwrap();
    assert!(table(&mut client, "SELECT 1").await.contains("sign in again"), "not with the old password");
    front.stopped().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wrong_passwords_lock_the_name_in_every_door() {
    let front = front(SqlConfig::default()).await;
    for _ in 0..headroom_control::LOCK_OUT_AFTER {
        assert!(front.stranger().await.handshake("analyst", "guess").await.is_err());
    }
    let said = front.stranger().await.handshake("analyst", PASSWORD).await.unwrap_err();
    assert!(words(&said).contains("locked out for a while"), "{said}");
    assert!(front.accounts.control.scram_credentials("analyst", Utc::now()).unwrap().is_none());
    assert!(front.stranger().await.handshake("sre", PASSWORD).await.is_ok());
    front.accounts.later(1);
    assert!(front.stranger().await.handshake("analyst", PASSWORD).await.is_ok());
    front.stopped().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_ticket_is_good_for_its_owner_and_once() {
    let front = front(SqlConfig::default()).await;
    let (mut analyst, mut sre, mut boss) =
        (front.client("analyst").await, front.client("sre").await, front.client("boss").await);
    let info = analyst.execute("SELECT count(*) AS n FROM spans".to_owned(), None).await.unwrap();
    let ticket = info.endpoint[0].ticket.clone().unwrap();
    assert!(!String::from_utf8_lossy(&ticket.ticket).contains("spans"), "there is no SQL in it");
    for other in [&mut sre, &mut boss] {
        assert!(read(other, &info).await.unwrap_err().contains("no such ticket"));
    }
    // The same person over another connection.
    let rows = read(&mut front.client("analyst").await, &info).await.unwrap();
    assert_eq!(rows[0].num_rows(), 1);
    assert!(read(&mut analyst, &info).await.unwrap_err().contains("it was redeemed"));

    // A prepared statement is its owner's too: to run, to bind and to close.
    let mut prepared = analyst.prepare("SELECT count(*) AS n FROM spans".to_owned(), None).await.unwrap();
    let info = prepared.execute().await.unwrap();
    let command = info.flight_descriptor.unwrap().cmd;
    let stolen = |client: &Client| {
        let mut request = Request::new(arrow_flight::FlightDescriptor::new_cmd(command.clone()));
        let token = format!("Bearer {}", client.token().unwrap());
        request.metadata_mut().insert("authorization", token.parse().unwrap());
        request
    };
    let request = stolen(&sre);
    let status = sre.inner_mut().get_flight_info(request).await.unwrap_err();
    assert!(
        status.code() == Code::NotFound && status.message().contains("no such prepared statement"),
        "{status}"
    );
    let any = arrow_flight::sql::Any::decode(&*command).unwrap();
    let handle = any.unpack::<CommandPreparedStatementQuery>().unwrap().unwrap().prepared_statement_handle;
    let close = ActionClosePreparedStatementRequest { prepared_statement_handle: handle };
    let mut request =
        stolen(&sre).map(|_| Action::new("ClosePreparedStatement", close.as_any().encode_to_vec()));
    request.metadata_mut().insert("x-any", "x".parse().unwrap());
    sre.inner_mut().do_action(request).await.unwrap();
    assert!(prepared.execute().await.is_ok(), "it is still there");
    prepared.close().await.unwrap();
    front.stopped().await;
}

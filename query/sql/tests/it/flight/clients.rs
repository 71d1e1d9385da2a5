//! What clients of the protocol ask, by the client of arrow-rs.

use std::sync::Arc;

use arrow_flight::sql::{
    ActionCancelQueryRequest, ActionCancelQueryResult, Any, CommandGetPrimaryKeys, CommandGetTables,
    CommandStatementIngest, CommandStatementQuery, ProstMessageExt as _,
};
use arrow_flight::{Action, CancelFlightInfoRequest, CancelFlightInfoResult, FlightDescriptor};
use datafusion::arrow::array::{
    ArrayRef, AsArray as _, Decimal128Array, Float64Array, Int64Array, RecordBatch, StringArray,
};
use datafusion::arrow::datatypes::{DataType, Schema, TimeUnit};
use datafusion::arrow::util::pretty::pretty_format_batches;
use headroom_sql::SqlConfig;
use prost::Message as _;

use super::{Client, ask, front, read, table, words};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn answers_come_with_their_types() {
    let front = front(SqlConfig::default()).await;
    let client = &mut front.client("analyst").await;
    let sql = "SELECT service, ts, duration_ns, customer_id, (SELECT max(fee) FROM events) AS fee, 18446744073709551615 AS most, \
               arrow_cast('x', 'Dictionary(Int32, Utf8)') AS word FROM spans WHERE duration_ns > 0 ORDER BY ts LIMIT 2";
    let info = client.execute(sql.to_owned(), None).await.unwrap();
    let told = info.clone().try_decode_schema().unwrap();
    let batches = read(client, &info).await.unwrap();
    assert_eq!(batches[0].schema().as_ref(), &told, "the schema before the rows is theirs");
    let kinds: Vec<_> = told.fields().iter().map(|field| field.data_type().clone()).collect();
    assert_eq!(kinds[1], DataType::Timestamp(TimeUnit::Nanosecond, Some("UTC".into())));
    assert_eq!(kinds[2], DataType::UInt64);
    assert_eq!(kinds[4], DataType::Decimal128(38, 12));
    assert_eq!(kinds[5], DataType::UInt64);
    insta::assert_snapshot!("typed", pretty_format_batches(&batches).unwrap());

    let none = ask(client, "SELECT service, ts FROM spans WHERE service = 'nobody'").await.unwrap();
    assert_eq!(none.iter().map(RecordBatch::num_rows).sum::<usize>(), 0);
    let count = table(client, "SELECT count(*) AS n, current_user FROM spans").await;
    assert!(count.contains("| 300 | analyst"), "{count}");
    let other = &mut front.client("boss").await;
    let theirs = table(other, "SELECT count(*) AS n, current_user FROM spans").await;
    assert!(theirs.contains("| 40 | boss"), "{theirs}");
    front.stopped().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn prepared_statements_take_values() {
    let front = front(SqlConfig::default()).await;
    let client = &mut front.client("analyst").await;
    for sql in [
        "SELECT count(*) FROM spans WHERE duration_ns > $1 AND service = $2",
        "SELECT count(*) FROM spans WHERE duration_ns > ? AND service = ?",
    ] {
        let mut prepared = client.prepare(sql.to_owned(), None).await.unwrap();
        assert_eq!(prepared.parameter_schema().unwrap().fields().len(), 2);
        assert_eq!(prepared.dataset_schema().unwrap().fields().len(), 1);
        let said = words(&prepared.execute().await.unwrap_err());
        assert!(said.contains("2 parameters are needed, 0 were sent"), "{said}");
        for (nanos, service, count) in [(-1, "order", 43), (1_000_000_000_000, "order", 0), (-1, "pay é", 43)]
        {
            prepared.set_parameters(row(Int64Array::from(vec![nanos]), service)).unwrap();
            let info = prepared.execute().await.unwrap();
            let batches = read(client, &info).await.unwrap();
            assert_eq!(
                batches[0].column(0).as_primitive::<datafusion::arrow::datatypes::Int64Type>().value(0),
                count
            );
        }
        prepared.set_parameters(row(Float64Array::from(vec![1.5]), "order")).unwrap();
        let said = words(&prepared.execute().await.unwrap_err());
        assert!(said.contains("parameter $1 is not a value of its type"), "{said}");
        let two = RecordBatch::try_from_iter([
            ("a", Arc::new(Int64Array::from(vec![1, 2])) as ArrayRef),
            ("b", Arc::new(StringArray::from(vec!["order", "order"])) as ArrayRef),
        ]);
        prepared.set_parameters(two.unwrap()).unwrap();
        let said = words(&prepared.execute().await.unwrap_err());
        assert!(said.contains("a statement takes one"), "{said}");
        prepared.close().await.unwrap();
    }
    // Exact, and not by way of a float.
    let mut prepared = client
        .prepare("SELECT $1 + fee AS sum FROM events WHERE event_id = 'acme1'".to_owned(), None)
        .await
        .unwrap();
    let tiny = Decimal128Array::from(vec![1]).with_precision_and_scale(38, 12).unwrap();
    prepared
        .set_parameters(RecordBatch::try_from_iter([("x", Arc::new(tiny) as ArrayRef)]).unwrap())
        .unwrap();
    let info = prepared.execute().await.unwrap();
    let sum = pretty_format_batches(&read(client, &info).await.unwrap()).unwrap().to_string();
    assert!(sum.contains("12345678901234567890123456.789000000001"), "{sum}");

    let unbound = table(client, "SELECT count(*) FROM spans WHERE service = $1").await;
    assert!(unbound.contains("there are no values for the parameters; prepare the statement"), "{unbound}");
    front.stopped().await;
}

fn row(first: impl datafusion::arrow::array::Array + 'static, second: &str) -> RecordBatch {
    let second: ArrayRef = Arc::new(StringArray::from(vec![second]));
    RecordBatch::try_from_iter([("a", Arc::new(first) as ArrayRef), ("b", second)]).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_writes_and_errors_say_what_to_do() {
    let front = front(SqlConfig::default()).await;
    let client = &mut front.client("analyst").await;
    for (sql, said) in [
        ("DROP TABLE spans", "PermissionDenied: DROP TABLE is not allowed: this door only reads; use SELECT"),
        ("INSERT INTO spans VALUES (1)", "PermissionDenied: INSERT INTO is not allowed"),
        ("SELECT 1; SELECT 2", "InvalidArgument: several statements in one request"),
        ("SELECT x FROM spans", "NotFound: there is no column \"x\"; available columns: "),
        ("SELECT * FROM nothing", "NotFound: there is no table \"nothing\"; available tables: "),
        ("SELECT 9223372036854775807 + 1 AS x", "OutOfRange: out of range: 9223372036854775807 + 1"),
        ("SELECT 1/0 AS x FROM spans", "InvalidArgument: division by zero (SQLSTATE 22000)"),
    ] {
        let answer = table(client, sql).await;
        assert!(answer.starts_with(said), "{sql}: {answer}");
    }
    let said = words(&client.execute_update("DELETE FROM spans".to_owned(), None).await.unwrap_err());
    assert!(said.contains("an update is not allowed: this door only reads"), "{said}");
    let rows = futures::stream::iter([Ok(row(Int64Array::from(vec![1]), "x"))]);
    let ingest = CommandStatementIngest { table: "spans".to_owned(), ..Default::default() };
    let said = words(&client.execute_ingest(ingest, rows).await.unwrap_err());
    assert!(said.contains("to ingest is not allowed"), "{said}");
    let said = words(&client.begin_transaction().await.unwrap_err());
    assert!(said.contains("BeginTransaction is not offered"), "{said}");
    let said = words(&client.execute("SELECT 1".to_owned(), Some("t".into())).await.unwrap_err());
    assert!(said.contains("a transaction is not offered"), "{said}");
    let raw = request(client, FlightDescriptor::new_path(vec!["spans".to_owned()]));
    let status = client.inner_mut().get_flight_info(raw).await.unwrap_err();
    assert_eq!(status.code(), tonic::Code::Unimplemented, "{status}");
    front.stopped().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_statement_can_be_cancelled_before_and_while_it_runs() {
    let front = front(SqlConfig::default()).await;
    let client = &mut front.client("analyst").await;
    let info = client.execute("SELECT 1".to_owned(), None).await.unwrap();
    assert_eq!(cancel(client, &info).await, Ok(1));
    let said = read(client, &info).await.unwrap_err();
    assert!(said.contains("no such ticket"), "{said}");

    let info = client.execute(crate::psql::ENDLESS.to_owned(), None).await.unwrap();
    let (mut reader, other) = (front.client("analyst").await, &mut front.client("sre").await);
    let ticket = info.clone();
    let reading = tokio::spawn(async move { read(&mut reader, &ticket).await });
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    let said = cancel(other, &info).await.unwrap_err();
    assert!(said.contains("no such statement"), "another's is left alone: {said}");
    assert!(!reading.is_finished());
    assert_eq!(cancel(client, &info).await, Ok(1));
    let ended = reading.await.unwrap().unwrap_err();
    assert!(ended.contains("the statement was cancelled"), "{ended}");
    front.stopped().await;
}

/// What a message of the protocol names, in a request of somebody.
fn request<T>(client: &Client, message: T) -> tonic::Request<T> {
    let mut request = tonic::Request::new(message);
    let token = format!("Bearer {}", client.token().unwrap());
    request.metadata_mut().insert("authorization", token.parse().unwrap());
    request
}

/// Ways that the client of arrow-rs does not go.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_other_clients_ask_for() {
    let front = front(SqlConfig::default()).await;
    let client = &mut front.client("analyst").await;
    let sql = || "SELECT service, count(*) AS n FROM spans GROUP BY 1".to_owned();
    let command = CommandStatementQuery { query: sql(), transaction_id: None }.as_any().encode_to_vec();
    let tables = CommandGetTables::default().as_any().encode_to_vec();
    for (command, columns) in [
        (command, vec!["service", "n"]),
        (tables, vec!["catalog_name", "db_schema_name", "table_name", "table_type"]),
    ] {
        let asked = request(client, FlightDescriptor::new_cmd(command));
        let schema =
            Schema::try_from(client.inner_mut().get_schema(asked).await.unwrap().into_inner()).unwrap();
        assert_eq!(schema.fields().iter().map(|field| field.name()).collect::<Vec<_>>(), columns);
    }

    // A prepared statement without a ticket, as often as one likes.
    let mut prepared = client.prepare(sql(), None).await.unwrap();
    let info = prepared.execute().await.unwrap();
    let told = client.inner().clone();
    let command = info.flight_descriptor.clone().unwrap().cmd;
    for _ in 0..2 {
        let asked = request(client, arrow_flight::Ticket::new(command.clone()));
        let rows = told.clone().do_get(asked).await.unwrap().into_inner();
        let messages: Vec<_> = futures::TryStreamExt::try_collect(rows).await.unwrap();
        assert!(messages.len() > 1, "a schema and rows");
    }

    // The action that CancelFlightInfo came after.
    let asked = ActionCancelQueryRequest { info: info.encode_to_vec().into() }.as_any().encode_to_vec();
    let asked = request(client, Action::new("CancelQuery", asked));
    let answer =
        client.inner_mut().do_action(asked).await.unwrap().into_inner().message().await.unwrap().unwrap();
    let answer = Any::decode(answer.body).unwrap().unpack::<ActionCancelQueryResult>().unwrap().unwrap();
    assert_eq!(answer.result, 1, "cancelled");
    assert!(read(client, &info).await.unwrap_err().contains("no such ticket"));
    let keys = client
        .get_primary_keys(CommandGetPrimaryKeys { table: "spans".to_owned(), ..Default::default() })
        .await
        .unwrap();
    assert_eq!(cancel(client, &keys).await, Ok(3), "there is nothing to cancel in what is known already");

    for (kind, body) in [
        ("CreatePreparedStatement", "x"),
        ("ClosePreparedStatement", ""),
        ("CancelQuery", "x"),
        ("CancelFlightInfo", ""),
    ] {
        let asked = request(client, Action::new(kind, body));
        let status = client.inner_mut().do_action(asked).await.map(drop).unwrap_err();
        assert_eq!(status.code(), tonic::Code::InvalidArgument, "{kind}: {status}");
    }
    for message in ["", "x", "\n\u{2}ab"] {
        let asked = request(client, FlightDescriptor::new_cmd(message));
        let status = client.inner_mut().get_flight_info(asked).await.unwrap_err();
        assert!(
            matches!(status.code(), tonic::Code::InvalidArgument | tonic::Code::Unimplemented),
            "{message:?}: {status}"
        );
    }
    front.stopped().await;
}

async fn cancel(client: &mut Client, info: &arrow_flight::FlightInfo) -> Result<i32, String> {
    let body = CancelFlightInfoRequest::new(info.clone()).encode_to_vec();
    let asked = request(client, Action::new("CancelFlightInfo", body));
    let results = client.inner_mut().do_action(asked).await.map_err(|status| status.to_string())?;
    let result = results.into_inner().message().await.unwrap().unwrap();
    Ok(CancelFlightInfoResult::decode(result.body).unwrap().status)
}

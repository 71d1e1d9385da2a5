//! Portfolios over HTTP: from an event that is sent to what pages and files say of it.

use crate::program::Demo;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// The longest that anything may take.
const LONGEST: Duration = Duration::from_mins(1);

/// A business event: name, `event.id`, and attributes as text.
type Sent<'a> = (&'a str, &'a str, &'a [(&'a str, &'a str)]);

/// Sends business events.
async fn send(demo: &Demo, events: &[Sent<'_>]) {
    let now = chrono::Utc::now();
    let records: Vec<Value> = events
        .iter()
        .map(|(name, id, attributes)| {
            let all = attributes.iter().copied().chain([("event.id", *id)]);
            let attributes: Vec<Value> =
                all.map(|(key, text)| json!({"key": key, "value": {"stringValue": text}})).collect();
            let at = now.timestamp_nanos_opt().unwrap().to_string();
            json!({"eventName": name, "timeUnixNano": at, "attributes": attributes})
        })
        .collect();
    let answer = reqwest::Client::new()
        .post(format!("{}/v1/logs", demo.get("/otlp_http")))
        .bearer_auth(demo.get("/credentials/ingest/token"))
        .json(&json!({"resourceLogs": [{"scopeLogs": [{"logRecords": records}]}]}))
        .send()
        .await
        .unwrap();
    let (status, text) = (answer.status(), answer.text().await.unwrap());
    assert!(status == 200 && !text.contains("rejected"), "{status} {text}");
}

/// Asks until `done`.
async fn until(demo: &Demo, path: &str, done: impl Fn(&Value) -> bool) -> Value {
    let begin = Instant::now();
    loop {
        let (_, body) = demo.api("analyst", path).await;
        if done(&body) {
            return body;
        }
        assert!(begin.elapsed() < LONGEST, "{path}: {body}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

const OWN: [(&str, &str); 4] =
    [("portfolio.id", "pf-1"), ("customer.id", "cus-1"), ("account.id", "acc-1"), ("currency", "USD")];

fn own<'a>(more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    [&OWN, more].concat()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_booked_is_shown_and_what_is_restated_is_restated() {
    let demo = Demo::start(&["--no-sample"]);
    let acme = [("symbol", "ACME"), ("currency", "USD"), ("price", "12.5"), ("venue", "XNYS")];
    let paid = own(&[("amount", "1000"), ("payment.id", "p-1")]);
    let bought = own(&[
        ("symbol", "ACME"),
        ("side", "buy"),
        ("quantity", "10"),
        ("price", "12"),
        ("fee", "1.25"),
        ("order.id", "o-1"),
        ("trade.id", "t-1"),
        ("venue", "XNYS"),
    ]);
    send(
        &demo,
        &[
            ("fx.updated", "fx-1", &[("base", "EUR"), ("quote", "USD"), ("rate", "1.25")]),
            ("price.updated", "p-1", &acme),
            ("deposit.completed", "d-1", &paid),
            ("order.filled", "b-1", &bought),
        ],
    )
    .await;
    let path = "/api/v1/portfolios/pf-1";
    // What an instrument is comes with its last prices, a moment after the bookings.
    let venue = |body: &Value| {
        let by = body["allocations"].as_array().and_then(|all| all.iter().find(|part| part["by"] == "venue"));
        by.map(|by| by["parts"][0]["name"].clone())
    };
    let whole = |body: &Value| body["totals"]["value"] == "1003.75" && venue(body).is_some();
    let body = until(&demo, path, whole).await;
    assert_eq!(venue(&body), Some(json!("XNYS")));
    assert_eq!(body["positions"][0]["unrealised"], "5");
    assert_eq!((&body["customer_id"], &body["adviser_id"]), (&json!("cus-1"), &Value::Null));
    let euros = demo.api("analyst", &format!("{path}?base=EUR")).await.1;
    assert_eq!(euros["totals"]["value"], "803");

    // All portfolios together, a client's, and what they made.
    let together = |body: &Value| body["days"][30]["value"] == "1003.75";
    let assets = until(&demo, "/api/v1/assets", together).await;
    assert_eq!(
        (&assets["period"]["net_flow"], &assets["period"]["active_portfolios"]),
        (&json!("1000"), &json!(1))
    );
    let of_client = until(&demo, "/api/v1/clients/cus-1/portfolios", |body| body["value"] == "1003.75").await;
    assert_eq!(of_client["portfolios"][0]["portfolio_id"], "pf-1");
    for path in ["/api/v1/portfolios/pf-1/performance", "/api/v1/clients/cus-1/performance"] {
        let made = demo.api("analyst", path).await.1;
        assert_eq!((&made["end_value"], &made["gain"]), (&json!("1003.75"), &json!("3.75")), "{made}");
    }
    in_sql(&demo).await;
    held_for_a_moment(&demo, path).await;
    files(&demo).await;

    // The deposit was keyed wrong: what is known of it is restated everywhere.
    let right = own(&[("corrects.event.id", "d-1"), ("amount", "900")]);
    send(&demo, &[("booking.corrected", "c-1", &right)]).await;
    until(&demo, path, |body| body["totals"]["value"] == "903.75").await;
    until(&demo, "/api/v1/assets", |body| body["days"][30]["value"] == "903.75").await;

    for (path, status) in [
        ("/api/v1/portfolios/pf-1?base=euro", 400),
        ("/api/v1/portfolios/pf-1?method=best", 400),
        ("/api/v1/portfolios/pf-1/performance?from=2026-02-01&to=2026-01-01", 400),
        ("/api/v1/portfolios/pf-1/performance?day_count=31/360", 400),
        ("/api/v1/portfolios/pf-1/positions?format=xls", 400),
        ("/api/v1/assets?cohort=november", 400),
        ("/api/v1/advisers/none/portfolios", 404),
        ("/api/v1/portfolios/none/performance", 404),
        ("/api/v1/portfolios/pf-1/performance?benchmark_portfolio=none", 404),
    ] {
        let (found, body) = demo.api("analyst", path).await;
        assert_eq!(found, status, "{path}: {body}");
        assert!(!body["error"]["hint"].as_str().unwrap().is_empty(), "{path}: {body}");
    }
}

/// Positions, returns and flows in SQL are those of the pages.
async fn in_sql(demo: &Demo) {
    let held = "SELECT portfolio_id, symbol, quantity, average_cost, value, unrealised, currency, price_at IS NOT NULL FROM positions";
    let position = json!([[
        "pf-1",
        "ACME",
        "10.000000000000",
        "12.000000000000",
        "125.000000000000",
        "5.000000000000",
        "USD",
        true
    ]]);
    assert_eq!(demo.sql(held).await, position);
    let today = "SELECT value, inflow, outflow, round(return_of_day, 6), return_of_day = return_since_start FROM returns WHERE portfolio_id = 'pf-1'";
    let made = json!([["1003.750000000000", "1000.000000000000", "0.000000000000", 0.00375, true]]);
    assert_eq!(demo.sql(today).await, made);
    let flows = "SELECT kind, amount, fees, symbol, event_id FROM flows ORDER BY kind";
    let booked = json!([
        ["buy", "-120.000000000000", "1.250000000000", "ACME", "b-1"],
        ["deposit", "1000.000000000000", "0.000000000000", null, "d-1"]
    ]);
    assert_eq!(demo.sql(flows).await, booked);
    for none in [
        "positions WHERE day = '2020-01-01'",
        "returns WHERE portfolio_id = 'pf-9'",
        "flows WHERE symbol = 'X'",
    ] {
        assert_eq!(demo.sql(&format!("SELECT * FROM {none}")).await, json!([]), "{none}");
    }
}

/// A tag, and 304 to those that have it.
async fn held_for_a_moment(demo: &Demo, path: &str) {
    let ask = |tag: Option<String>| {
        let request = reqwest::Client::new()
            .get(format!("{}{path}?as_of=2100-01-01T00:00:00Z", demo.get("/web")))
            .bearer_auth(demo.get("/credentials/analyst/token"));
        match tag {
            Some(tag) => request.header("if-none-match", tag).send(),
            None => request.send(),
        }
    };
    let whole = ask(None).await.unwrap();
    let tag = whole.headers()["etag"].to_str().unwrap().to_owned();
    assert_eq!(whole.headers()["cache-control"], "max-age=60, must-revalidate");
    assert!(
        whole.headers().get_all("vary").iter().any(|vary| vary.to_str().unwrap().contains("authorization"))
    );
    assert_eq!(whole.status(), 200);
    let same = ask(Some(tag.clone())).await.unwrap();
    assert_eq!((same.status().as_u16(), same.headers()["etag"].to_str().unwrap()), (304, tag.as_str()));
    assert_eq!(same.text().await.unwrap(), "");
    assert_eq!(ask(Some("W/\"other\"".to_owned())).await.unwrap().status(), 200);
}

async fn files(demo: &Demo) {
    let file = async |form: &str| {
        let answer = reqwest::Client::new()
            .get(format!("{}/api/v1/portfolios/pf-1/positions?format={form}", demo.get("/web")))
            .bearer_auth(demo.get("/credentials/analyst/token"))
            .send()
            .await
            .unwrap();
        let name = answer.headers()["content-disposition"].to_str().unwrap().to_owned();
        assert_eq!(name, format!("attachment; filename=\"positions-pf-1.{form}\""));
        answer.bytes().await.unwrap()
    };
    let csv = String::from_utf8(file("csv").await.to_vec()).unwrap();
    let mut lines = csv.lines();
    assert_eq!(
        lines.next(),
        Some(
            "symbol,quantity,average_cost,cost_basis,price,market_value,unrealised,realised,closed_cost,income,fees,price_at,currency,unavailable"
        )
    );
    let row = lines.next().unwrap();
    assert!(row.starts_with("ACME,10.000000000000,12.000000000000,120.000000000000,12.5"), "{row}");
    let parquet = file("parquet").await;
    assert!(parquet.starts_with(b"PAR1") && parquet.ends_with(b"PAR1"));
}

//! What tells who somebody is leaves by no door but the reveal, whoever asks and however they ask.

use crate::access::WHO;
use crate::load::number;
use crate::program::{Demo, root};
use crate::tools::python;
use reqwest::Client;
use serde_json::{Value, json};
use std::path::Path;
use std::process::Command;

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const EMAIL: &str = "mallory.secret@example.com";
/// Parts of what is stored of the customer, in any case.
const SECRETS: [&str; 4] = ["mallory.secret", "mallory secretname", "secretname", "5550199"];
/// Roles that may ask in SQL.
const ASKING: [&str; 4] = ["sre", "analyst", "lead", "admin"];

/// A node that has stored a customer's name, address and number in every place where one can stand.
async fn stored() -> Demo {
    let demo = Demo::start(&["--no-sample"]);
    let text = |key: &str, value: &str| json!({"key": key, "value": {"stringValue": value}});
    let who = [
        text("customer.id", "cus-7"),
        text("customer.email", EMAIL),
        text("customer.name", "Mallory Secretname"),
        text("customer.phone", "+49 30 5550199"),
        text("enduser.email", EMAIL),
    ];
    let now = chrono::Utc::now().timestamp_nanos_opt().unwrap().to_string();
    let said = format!("registered {EMAIL}");
    let exception = json!({"timeUnixNano": now, "name": "exception", "attributes": [who[1].clone(), who[2].clone(),
        text("exception.type", "Refused"), text("exception.message", &said)]});
    let span = json!({"traceId": TRACE, "spanId": "b7ad6b7169203331", "name": "register", "kind": 2,
        "startTimeUnixNano": now, "endTimeUnixNano": now, "attributes": who, "events": [exception],
        "links": [{"traceId": TRACE, "spanId": "b7ad6b7169203331", "attributes": who}],
        "status": {"code": 2, "message": said}});
    let line =
        json!({"timeUnixNano": now, "body": {"stringValue": said}, "traceId": TRACE, "attributes": who});
    let event = json!({"timeUnixNano": now, "eventName": "customer.registered", "traceId": TRACE, "attributes": who,
        "body": {"stringValue": said}});
    let point = json!({"timeUnixNano": now, "asInt": "3", "attributes": who});
    let metric = json!({"name": "registrations", "sum": {"aggregationTemporality": 2, "isMonotonic": true,
        "dataPoints": [point]}});
    for (signal, records) in [
        ("traces", json!({"resourceSpans": [{"scopeSpans": [{"spans": [span]}]}]})),
        ("logs", json!({"resourceLogs": [{"scopeLogs": [{"logRecords": [line, event]}]}]})),
        ("metrics", json!({"resourceMetrics": [{"scopeMetrics": [{"metrics": [metric]}]}]})),
    ] {
        let url = format!("{}/v1/{signal}", demo.get("/otlp_http"));
        let token = demo.get("/credentials/ingest/token");
        let answer = Client::new().post(url).bearer_auth(token).json(&records).send().await.unwrap();
        let answer = answer.text().await.unwrap();
        assert!(!answer.contains("ejected"), "{answer}");
    }
    // Everything is there when each view has it, and the customer is found by their address.
    let mut waits: Vec<&str> = vec!["events", "logs", "spans", "metrics", ""];
    for _ in 0..200 {
        let view = waits[0];
        let there = if view.is_empty() {
            let (_, found) = demo.api("agent", &format!("/api/v1/lookup?q={EMAIL}")).await;
            found.to_string().contains("cus-7")
        } else {
            let sql = format!("SELECT count(*) FROM {view} WHERE attributes LIKE '%cus-7%'");
            number(&demo.sql(&sql).await[0][0]) > 0
        };
        if there {
            waits.remove(0);
        }
        if waits.is_empty() {
            return demo;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("{waits:?} do not have the customer");
}

/// What somebody would try. Each has to give no secret, as it stands or asked for letter by letter.
fn statements() -> Vec<String> {
    let mut all = Vec::new();
    for view in ["spans", "logs", "events", "metrics"] {
        all.push(format!("SELECT * FROM {view}"));
        for key in ["customer.email", "customer.name", "enduser.email"] {
            let value = format!("attr(attributes, '{key}')");
            all.push(format!("SELECT DISTINCT {value} FROM {view}"));
            all.push(format!("SELECT min({value}), max({value}), count({value}) FROM {view}"));
            all.push(format!("SELECT {value}, count(*) FROM {view} GROUP BY 1"));
            all.push(format!("SELECT upper(substring({value}, 1, 7)) FROM {view} WHERE {value} LIKE 'm%'"));
        }
        // A key that is not written out.
        all.push(format!("SELECT attr(attributes, concat('customer', '.email')) FROM {view}"));
        all.push(format!("SELECT attr(attributes, k) FROM {view}, (VALUES ('customer.email')) AS keys(k)"));
        all.push(format!("SELECT min(attributes), max(attributes), array_agg(attributes) FROM {view}"));
        all.push(format!("SELECT string_agg(substring(attributes, 1, 400), ' ') FROM {view}"));
        all.push(format!(
            "WITH w AS (SELECT attributes AS a FROM {view}) SELECT a FROM w WHERE a LIKE '%ecretname%'"
        ));
        all.push(format!("SELECT regexp_replace(attributes, 'x', 'x') FROM {view}"));
    }
    all.push(
        "SELECT min(status_message), max(status_message), string_agg(status_message, ' ') FROM spans"
            .to_owned(),
    );
    all.push("SELECT body FROM logs UNION SELECT body FROM events".to_owned());
    all.push("SELECT min(body), max(body), substring(max(body), 12) FROM logs".to_owned());
    all.push("SELECT * FROM key_index".to_owned());
    all
}

/// Counts that say whether something is so: all must be 0.
fn oracles() -> Vec<String> {
    let mut all = Vec::new();
    for view in ["spans", "logs", "events", "metrics"] {
        for test in [
            "attributes LIKE '%mallory%'",
            "attributes ILIKE '%SECRETNAME%'",
            "strpos(attributes, 'mallory') > 0",
            "attributes ~ 'mal+ory'",
            "attr(attributes, 'customer.email') = 'mallory.secret@example.com'",
            "attr(attributes, 'customer.email') IS NOT NULL",
            "attr(attributes, 'customer.name') >= 'M'",
            "attr(attributes, concat('customer', '.name')) LIKE 'Mall%'",
            "starts_with(attr(attributes, 'enduser.email'), 'm')",
        ] {
            all.push(format!("SELECT count(*) FROM {view} WHERE {test}"));
        }
    }
    for (view, column) in [("logs", "body"), ("events", "body"), ("spans", "status_message")] {
        for test in [
            "LIKE '%mallory%'",
            "ILIKE '%MALLORY.SECRET%'",
            "~ 'mal+ory'",
            "= 'registered mallory.secret@example.com'",
            "IN ('registered mallory.secret@example.com', 'x')",
            ">= 'registered ma'",
        ] {
            all.push(format!("SELECT count(*) FROM {view} WHERE {column} {test}"));
        }
    }
    all.push("SELECT count(*) FROM key_index WHERE value LIKE '%allory%'".to_owned());
    all
}

fn leaks(door: &str, role: &str, asked: &str, said: &str) -> Vec<String> {
    let lower = said.to_lowercase();
    let found = SECRETS.iter().filter(|secret| lower.contains(*secret));
    found.map(|secret| format!("{role} by {door} read {secret}: {asked}: {said}")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn no_door_and_no_question_gives_personal_data() {
    let demo = stored().await;
    let mut leaked = pages(&demo).await;
    for role in ASKING {
        leaked.extend(sql(&demo, role).await);
        leaked.extend(postgres(&demo, role));
        match python(root(), "requirements-sql") {
            Some(python) => leaked.extend(flight(&demo, &python, role)),
            None => eprintln!("SKIPPED: no Python with ADBC; `make test-tools` installs it"),
        }
    }
    assert!(leaked.is_empty(), "{} leaks\n{}", leaked.len(), leaked.join("\n"));
    for role in ["agent", "ingest"] {
        refused(&demo, role);
    }
    revealed(&demo).await;
}

/// The paths of the API that tell of a customer.
async fn pages(demo: &Demo) -> Vec<String> {
    let (client, web) = (Client::new(), demo.get("/web"));
    let (mut answers, mut leaked) = (0, Vec::new());
    for role in &WHO[..6] {
        let token = demo.get(&format!("/credentials/{role}/token"));
        for path in [
            "/api/v1/lookup?q=cus-7".to_owned(),
            format!("/api/v1/lookup?q={EMAIL}"),
            format!("/api/v1/traces/{TRACE}"),
            "/api/v1/traces".to_owned(),
            "/api/v1/logs?q=registered".to_owned(),
            "/api/v1/red?by=customer.email".to_owned(),
            "/api/v1/bubbleup?service=unknown_service&errors=true".to_owned(),
            "/api/v1/services/unknown_service/errors".to_owned(),
            "/api/v1/metrics/registrations".to_owned(),
            "/api/v1/metrics/registrations/series?by=customer.email".to_owned(),
        ] {
            let answer = client.get(format!("{web}{path}")).bearer_auth(&token).send().await.unwrap();
            let status = answer.status();
            let said = answer.text().await.unwrap();
            // What was asked for is said back.
            let told = if path.contains(EMAIL) { said.replace(&format!("\"{EMAIL}\""), "") } else { said };
            leaked.extend(leaks("the API", role, &path, &told));
            answers += usize::from(status.is_success() && told.contains("cus-7"));
        }
    }
    // Two lookups, the trace and the list of traces for three roles, the logs for two.
    assert!(answers >= 3 * 3 + 2, "only {answers} answers tell of this customer at all");
    leaked
}

async fn sql(demo: &Demo, role: &str) -> Vec<String> {
    let (url, token) =
        (format!("{}/api/v1/sql", demo.get("/web")), demo.get(&format!("/credentials/{role}/token")));
    let (mut rows_of_the_customer, mut leaked) = (0, Vec::new());
    let asked = statements().into_iter().map(|sql| (sql, false));
    for (sql, counts) in asked.chain(oracles().into_iter().map(|sql| (sql, true))) {
        let request = Client::new().post(&url).bearer_auth(&token).json(&json!({"sql": sql}));
        let answer: Value = request.send().await.unwrap().json().await.unwrap();
        let rows = &answer["rows"];
        assert!(rows.is_array(), "{role}: {sql}: {answer}");
        leaked.extend(leaks("SQL over HTTP", role, &sql, &rows.to_string()));
        if counts && *rows != json!([[0]]) && *rows != json!([["0"]]) {
            leaked.push(format!("{role} by SQL over HTTP is told {rows}: {sql}"));
        }
        rows_of_the_customer += usize::from(rows.to_string().contains("cus-7"));
    }
    assert!(
        rows_of_the_customer >= 12,
        "{role}: {rows_of_the_customer} answers tell of this customer at all"
    );
    leaked
}

/// The same through the real psql, in one session.
fn postgres(demo: &Demo, role: &str) -> Vec<String> {
    let output = psql(demo, role, &statements());
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{role}: {}", String::from_utf8_lossy(&output.stderr));
    assert!(said.contains("cus-7"), "{role}: {said}");
    let mut leaked = leaks("Postgres", role, "all", &said);
    let counted = psql(demo, role, &oracles());
    let counted = String::from_utf8_lossy(&counted.stdout).into_owned();
    let counts: Vec<_> = counted.lines().collect();
    assert_eq!(counts.len(), oracles().len(), "{role}: {counted}");
    let told = oracles().into_iter().zip(counts).filter(|(_, count)| *count != "0");
    leaked.extend(told.map(|(sql, count)| format!("{role} by Postgres is told {count}: {sql}")));
    leaked
}

fn psql(demo: &Demo, role: &str, statements: &[String]) -> std::process::Output {
    let mut url: url::Url = demo.get("/postgres").parse().unwrap();
    let [user, password] = ["user", "password"].map(|what| {
        demo.description
            .pointer(&format!("/credentials/{role}/{what}"))
            .and_then(Value::as_str)
            .unwrap_or(role)
    });
    url.set_username(user).unwrap();
    url.set_password(Some(password)).unwrap();
    let asked = statements.iter().flat_map(|sql| ["-c", sql]);
    let output = Command::new("psql").args([url.as_str(), "-AtXq"]).args(asked).output();
    output.expect("psql is installed: `make test-tools`")
}

/// The same through ADBC, in one session; the key is a parameter, too.
fn flight(demo: &Demo, python: &Path, role: &str) -> Vec<String> {
    const ASK: &str = "
import sys, json, adbc_driver_flightsql.dbapi as flightsql
address, user, password, statements = sys.argv[1:]
login = {'username': user, 'password': password}
with flightsql.connect(address, login, autocommit=True) as connection, connection.cursor() as cursor:
    for sql in json.loads(statements):
        cursor.execute(sql)
        print(json.dumps(cursor.fetchall(), default=str))
    cursor.execute('SELECT attr(attributes, $1) FROM spans', parameters=('customer.email',))
    print(json.dumps(cursor.fetchall(), default=str))
";
    let [user, password] = ["user", "password"].map(|what| demo.get(&format!("/credentials/{role}/{what}")));
    let asked: Vec<String> = statements().into_iter().chain(oracles()).collect();
    let output = Command::new(python)
        .args(["-c", ASK, &demo.get("/flight_sql"), &user, &password, &json!(asked).to_string()])
        .output()
        .unwrap();
    assert!(output.status.success(), "{role}: {}", String::from_utf8_lossy(&output.stderr));
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.contains("cus-7"), "{role}: {said}");
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(lines.len(), asked.len() + 1, "{role}: {said}");
    let mut leaked: Vec<String> =
        asked.iter().zip(&lines).flat_map(|(sql, line)| leaks("Flight", role, sql, line)).collect();
    leaked.extend(leaks("Flight", role, "the key as a parameter", lines[asked.len()]));
    let counts =
        oracles().into_iter().zip(&lines[statements().len()..]).filter(|(_, line)| **line != "[[0]]");
    leaked.extend(counts.map(|(sql, line)| format!("{role} by Flight is told {line}: {sql}")));
    leaked
}

/// Who may not ask in SQL is not let in at its doors.
fn refused(demo: &Demo, role: &str) {
    let output = psql(demo, role, &["SELECT 1".to_owned()]);
    assert!(!output.status.success(), "{role} was let in");
}

/// In the clear: for a reason, with a row in the audit trail.
async fn revealed(demo: &Demo) {
    let reveal = json!({"customer_id": "cus-7", "reason": "asked on the phone"});
    let request = Client::new().post(format!("{}/api/v1/lookup/reveal", demo.get("/web"))).json(&reveal);
    let revealed = request.bearer_auth(demo.get("/credentials/agent/token")).send().await.unwrap();
    assert!(revealed.text().await.unwrap().contains(EMAIL));
    let (_, trail) = demo.api("admin", "/api/v1/audit?action=customer.reveal").await;
    assert_eq!(
        (&trail["rows"][0]["actor"], &trail["rows"][0]["subject"]),
        (&"demo-agent".into(), &"cus-7".into())
    );
}

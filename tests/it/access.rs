//! The access matrix of docs/access.md: every cell tried on a running node.

use crate::program::Demo;
use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, BTreeSet};

/// The columns of the table, in its order.
pub(crate) const WHO: [&str; 7] = ["agent", "sre", "analyst", "lead", "admin", "ingest", "other tenant"];
/// The token of an administrator of another tenant.
const FOREIGN: &str = "a-token-of-the-tenant-next-door";

/// A path of the table, and whom it opens to.
struct Row {
    method: Method,
    path: String,
    opens: BTreeMap<&'static str, bool>,
}

fn table() -> Vec<Row> {
    let lines = include_str!("../../docs/access.md").lines().filter(|line| line.starts_with("| `"));
    let rows = lines.map(|line| {
        let cells: Vec<_> = line.trim_matches('|').split('|').map(str::trim).collect();
        let (method, path) = cells[0].trim_matches('`').split_once(' ').unwrap();
        let opens = |cell: &str| match cell {
            "yes" => true,
            "-" => false,
            other => panic!("{line}: {other} is neither yes nor -"),
        };
        assert_eq!(cells.len(), WHO.len() + 1, "{line}");
        let opens = WHO.into_iter().zip(cells[1..].iter().map(|cell| opens(cell))).collect();
        Row { method: method.parse().unwrap(), path: path.to_owned(), opens }
    });
    rows.collect()
}

/// What a path is asked with, so that nothing but the role can be refused.
fn filled(path: &str) -> String {
    let of = |name: &str, value: &str, path: String| path.replace(&format!("{{{name}}}"), value);
    let filled = of("trace_id", "00112233445566778899aabbccddeeff", path.to_owned());
    let numbered = path.starts_with("/api/v1/deliveries");
    let filled = of("id", if numbered { "999999" } else { "none" }, filled);
    let filled = ["service", "name", "before"].into_iter().fold(filled, |path, name| of(name, "none", path));
    let query = match path {
        "/api/v1/lookup" => "?q=cus-1",
        "/api/v1/lookup/shared" => "?link=none",
        "/api/v1/red" => "?by=version",
        "/api/v1/latency" | "/api/v1/latency/heatmap" | "/api/v1/forecasts" => "?service=none",
        "/api/v1/latency/exemplars" => "?service=none&min_ns=1&max_ns=1000000",
        "/api/v1/bubbleup" => "?service=none&errors=true",
        "/api/v1/capacity/roadmap" => "?factor=2",
        "/api/v1/capacity/load-tests" => "?service=none&name=none",
        _ => "",
    };
    filled + query
}

fn body(path: &str) -> Value {
    match path {
        "/api/v1/lookup/reveal" => json!({"customer_id": "cus-1", "reason": "asked on the phone"}),
        "/api/v1/lookup/share" => json!({"q": "cus-1"}),
        "/api/v1/gate" => json!({"service": "none"}),
        "/api/v1/silences" => json!({"matchers": ["service=\"none\""], "comment": "a test",
            "window": {"once": {"from": "2026-01-03T22:00:00Z", "until": "2099-01-03T22:00:00Z"}}}),
        "/api/v1/actions/{name}/enable" | "/api/v1/actions/{name}/disable" => json!({"why": "a test"}),
        "/api/v1/ingest/replay" => json!({"reason": "contract", "from": "2026-01-01T00:00:00Z"}),
        "/api/v1/deployments" => json!({"service": "none", "version": "1", "status": "finished"}),
        "/api/v1/alertmanager/webhook" => json!({"version": "4", "groupKey": "g", "status": "firing",
            "receiver": "headroom", "alerts": []}),
        "/api/v1/capacity/incident" => {
            let money = |amount: &str| json!({"amount": amount, "currency": "USD"});
            json!({"extra_replica_hours": "40", "per_replica_hour": money("0.096"), "capacity_without": 6000,
                "capacity_with": 15000, "duration_minutes": "30", "per_transaction": money("1.20"),
                "demand": [{"probability": 0.5, "demand": 4000}, {"probability": 0.95, "demand": 9000}],
                "worth": "margin", "sla_credits": money("5000"), "staff_per_hour": money("400")})
        }
        "/api/v1/capacity/load-tests/marks" => json!({"service": "none", "name": "none", "from": "now-1h"}),
        "/api/v1/sql" => json!({"sql": "SELECT 1"}),
        "/api/v1/admin/accounts" => {
            json!({"name": "made", "role": "agent", "password": "correct horse"})
        }
        "/api/v1/admin/accounts/{name}/role" => json!({"role": "agent"}),
        "/api/v1/admin/accounts/{name}/password" => json!({"password": "correct horse"}),
        "/api/v1/admin/tokens" => json!({"name": "made", "role": "ingest"}),
        _ => json!({}),
    }
}

fn token_of(demo: &Demo, who: &str) -> String {
    if who == "other tenant" { FOREIGN.to_owned() } else { demo.get(&format!("/credentials/{who}/token")) }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_cell_of_the_access_matrix_holds() {
    let hash = hex::encode(Sha256::digest(FOREIGN));
    let token =
        format!("[{{name = \"foreign\", role = \"admin\", sha256 = \"{hash}\", tenant = \"other\"}}]");
    let demo = Demo::start_with(&["--no-sample"], &[("HEADROOM__AUTH__TOKENS", &token)]);
    let (client, web) = (Client::new(), demo.get("/web"));
    let rows = table();

    let document: Value =
        client.get(format!("{web}/openapi.json")).send().await.unwrap().json().await.unwrap();
    let has: BTreeSet<_> = document["paths"]
        .as_object()
        .unwrap()
        .iter()
        .flat_map(|(path, item)| {
            item.as_object().unwrap().keys().map(move |m| (m.to_uppercase(), path.clone()))
        })
        .filter(|(_, path)| path.starts_with("/api/"))
        .filter(|(method, path)| (method.as_str(), path.as_str()) != ("POST", "/api/v1/session"))
        .collect();
    let told: BTreeSet<_> = rows.iter().map(|row| (row.method.to_string(), row.path.clone())).collect();
    assert_eq!(has, told, "the API's paths (left) and those of docs/access.md");

    let mut wrong = Vec::new();
    for Row { method, path, opens } in &rows {
        let ask = |token: Option<String>| {
            let request = client.request(method.clone(), format!("{web}{}", filled(path)));
            let request = match token {
                Some(token) => request.bearer_auth(token),
                None => request,
            };
            let request = if *method == Method::POST { request.json(&body(path)) } else { request };
            async move { request.send().await.unwrap() }
        };
        let nobody = ask(None).await.status();
        if nobody != StatusCode::UNAUTHORIZED {
            wrong.push(format!("nobody at {method} {path}: {nobody}"));
        }
        for (who, open) in opens {
            let answer = ask(Some(token_of(&demo, who))).await;
            let status = answer.status();
            let fits = if *open {
                !matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN)
                    && !status.is_server_error()
            } else {
                status == StatusCode::FORBIDDEN
            };
            if !fits {
                wrong.push(format!("{who} at {method} {path}: {status} {}", answer.text().await.unwrap()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

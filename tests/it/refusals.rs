//! Who may do what, and what is said to those who may not.

use crate::program::Demo;
use serde_json::Value;

/// Path, and the roles that may read it.
const MATRIX: &[(&str, &[&str])] = &[
    ("/api/v1/session", &["agent", "sre", "analyst", "lead", "admin"]),
    ("/api/v1/overview", &["agent", "sre", "analyst", "lead", "admin"]),
    ("/api/v1/services", &["agent", "sre", "analyst", "lead", "admin"]),
    ("/api/v1/services/none/compare", &["agent", "sre", "analyst", "lead", "admin"]),
    ("/api/v1/service-map", &["agent", "sre", "analyst", "lead", "admin"]),
    ("/api/v1/red?by=version", &["agent", "sre", "analyst", "lead", "admin"]),
    ("/api/v1/latency?service=none", &["agent", "sre", "analyst", "lead", "admin"]),
    ("/api/v1/latency/heatmap?service=none", &["agent", "sre", "analyst", "lead", "admin"]),
    ("/api/v1/bubbleup?service=none&errors=true", &["agent", "sre", "analyst", "lead", "admin"]),
    ("/api/v1/metrics", &["agent", "sre", "analyst", "lead", "admin"]),
    ("/api/v1/traces", &["agent", "sre", "admin"]),
    ("/api/v1/logs", &["sre", "admin"]),
    ("/api/v1/lookup?q=cus-1", &["agent", "sre", "admin"]),
    ("/api/v1/portfolios", &["agent", "sre", "analyst", "lead", "admin"]),
    ("/api/v1/assets", &["agent", "sre", "analyst", "lead", "admin"]),
    ("/api/v1/slos", &["sre", "analyst", "lead", "admin"]),
    ("/api/v1/slos/order-placement/backtest", &["sre", "analyst", "lead", "admin"]),
    ("/api/v1/probes", &["sre", "analyst", "lead", "admin"]),
    ("/api/v1/forecasts?service=none", &["sre", "analyst", "lead", "admin"]),
    ("/api/v1/forecasts/subjects", &["sre", "analyst", "lead", "admin"]),
    ("/api/v1/anomalies", &["sre", "analyst", "lead", "admin"]),
    ("/api/v1/plan", &["sre", "analyst", "lead", "admin"]),
    ("/api/v1/calendar", &["sre", "analyst", "lead", "admin"]),
    ("/api/v1/capacity/walls", &["sre", "analyst", "lead", "admin"]),
    ("/api/v1/capacity/roadmap?factor=2", &["sre", "analyst", "lead", "admin"]),
    ("/api/v1/capacity/costs", &["sre", "analyst", "lead", "admin"]),
    ("/api/v1/capacity/load-tests", &["sre", "analyst", "lead", "admin"]),
    ("/api/v1/capacity/assessment", &["sre", "analyst", "lead", "admin"]),
    ("/api/v1/delivery", &["sre", "analyst", "lead", "admin"]),
    ("/api/v1/alerts", &["sre", "lead", "admin"]),
    ("/api/v1/actions", &["sre", "lead", "admin"]),
    ("/api/v1/silences", &["sre", "lead", "admin"]),
    ("/api/v1/deliveries?state=dead", &["sre", "lead", "admin"]),
    ("/api/v1/ingest", &["sre", "admin"]),
    ("/api/v1/audit", &["admin"]),
    ("/api/v1/admin/accounts", &["admin"]),
    ("/api/v1/admin/tokens", &["admin"]),
    ("/api/v1/admin/sessions", &["admin"]),
    ("/api/v1/admin/node", &["admin"]),
    ("/api/v1/reports/uptime", &["sre", "lead", "admin"]),
    ("/api/v1/reports/slo", &["sre", "lead", "admin"]),
    ("/api/v1/reports/audit", &["admin"]),
    ("/api/v1/reports/soc2", &["lead", "admin"]),
];

#[tokio::test(flavor = "multi_thread")]
async fn every_door_is_open_to_its_roles_and_closed_to_the_others() {
    let demo = Demo::start(&["--no-sample"]);
    for (path, allowed) in MATRIX {
        for role in ["agent", "sre", "analyst", "lead", "admin"] {
            let (status, body) = demo.api(role, path).await;
            if allowed.contains(&role) {
                assert_eq!(status, 200, "{role} at {path}: {body}");
            } else {
                assert_eq!(status, 403, "{role} at {path}: {body}");
                assert!(body["error"]["message"].as_str().unwrap().contains(role), "{body}");
            }
        }
    }
    let client = reqwest::Client::new();
    let web = demo.get("/web");
    for (path, _) in MATRIX {
        let nobody = client.get(format!("{web}{path}")).send().await.unwrap();
        assert_eq!(nobody.status(), 401, "nobody at {path}");
        let ingest = client
            .get(format!("{web}{path}"))
            .bearer_auth(demo.get("/credentials/ingest/token"))
            .send()
            .await
            .unwrap();
        let expected = if *path == "/api/v1/session" { 200 } else { 403 };
        assert_eq!(ingest.status(), expected, "an ingest token at {path}");
    }

    // A picture's link is its own permission; one that nobody made is none.
    let forged = format!("{web}/charts/a1.png?tenant=main&until=99999999999&signature=00");
    assert_eq!(client.get(forged).send().await.unwrap().status(), 404);

    // What operators look for needs no token.
    for (path, part) in [
        ("/healthz", "ok"),
        ("/readyz", "\"ready\":true"),
        ("/metrics", "# TYPE headroom_"),
        ("/openapi.json", "/api/v1/latency"),
    ] {
        let answer = client.get(format!("{web}{path}")).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{path}");
        let text = answer.text().await.unwrap();
        assert!(text.contains(part), "{path}: {text}");
    }
    quarantine(&demo, &client, &web).await;
    calendar(&demo, &client, &web).await;
    alerting(&demo, &client, &web).await;
    deployments(&demo, &client, &web).await;
    sessions(&demo, &client, &web).await;
    views(&demo, &client, &web).await;
    wrong_requests(&demo, &client, &web).await;
}

/// Views of what the node knows beside the store are open to whom the pages are.
async fn views(demo: &Demo, client: &reqwest::Client, web: &str) {
    for (view, allowed) in [
        ("slos", ["sre", "analyst", "lead", "admin"].as_slice()),
        ("alerts", &["sre", "lead", "admin"]),
        ("deployments", &["sre", "analyst", "lead", "admin"]),
        ("walls", &["sre", "analyst", "lead", "admin"]),
        ("audit", &["admin"]),
    ] {
        for role in ["sre", "analyst", "lead", "admin"] {
            let sql = serde_json::json!({"sql": format!("SELECT count(*) FROM {view}")});
            let token = demo.get(&format!("/credentials/{role}/token"));
            let request = client.post(format!("{web}/api/v1/sql")).bearer_auth(token).json(&sql);
            let answer = request.send().await.unwrap();
            let expected = if allowed.contains(&role) { 200 } else { 403 };
            assert_eq!(answer.status(), expected, "{view} as {role}: {}", answer.text().await.unwrap());
        }
    }
}

/// An event that breaks its contract, and who may send it again.
async fn quarantine(demo: &Demo, client: &reqwest::Client, web: &str) {
    let event = serde_json::json!({"resourceLogs": [{"scopeLogs": [{"logRecords": [
        {"eventName": "order.placed", "attributes": [{"key": "quantity", "value": {"stringValue": "many"}}]}
    ]}]}]});
    let logs = format!("{}/v1/logs", demo.get("/otlp_http"));
    let token = demo.get("/credentials/ingest/token");
    let answer = client.post(logs).bearer_auth(token).json(&event).send().await.unwrap();
    let answer: serde_json::Value = answer.json().await.unwrap();
    assert_eq!(answer["partialSuccess"]["rejectedLogRecords"], "1", "{answer}");
    let replay = async |role: &str, reason: &str| {
        let token = demo.get(&format!("/credentials/{role}/token"));
        let order = serde_json::json!({"reason": reason, "from": "2026-01-01T00:00:00Z"});
        let request = client.post(format!("{web}/api/v1/ingest/replay")).bearer_auth(token).json(&order);
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), answer.json::<serde_json::Value>().await.unwrap())
    };
    assert_eq!(replay("agent", "contract").await.0, 403);
    assert_eq!(replay("sre", "decimal").await.0, 400);
    let mut found = serde_json::Value::Null;
    for _ in 0..100 {
        found = replay("sre", "contract").await.1;
        if found["found"] == 1 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    assert_eq!((&found["refused"], &found["taken"]), (&1.into(), &0.into()), "{found}");
    let (_, trail) = demo.api("admin", "/api/v1/audit").await;
    assert!(trail.to_string().contains("quarantine.replay"), "{trail}");
}

/// Who may change the calendar, and that a change is seen and on record.
async fn calendar(demo: &Demo, client: &reqwest::Client, web: &str) {
    let url = format!("{web}/api/v1/calendar/events");
    let body = r#"{"event": [{"class": "custom", "name": "Fee-free week", "start": "2026-12-14T08:00:00Z",
        "duration_minutes": 600, "multiplier": 1.6}]}"#;
    let post = async |role: &str, body: &str| {
        let token = demo.get(&format!("/credentials/{role}/token"));
        let answer = client.post(&url).bearer_auth(token).body(body.to_owned()).send().await.unwrap();
        (answer.status().as_u16(), answer.json::<Value>().await.unwrap())
    };
    for role in ["agent", "analyst"] {
        assert_eq!(post(role, body).await.0, 403, "{role}");
    }
    let (status, refused) =
        post("sre", &body.replace("Fee-free week\"", "Fee-free week\", \"strat\": 1")).await;
    assert_eq!(status, 400, "{refused}");
    assert!(
        refused["error"]["message"].as_str().unwrap().starts_with("body:1: unknown field `strat`"),
        "{refused}"
    );
    let (status, posted) = post("sre", body).await;
    assert_eq!(status, 201, "{posted}");
    assert_eq!(post("admin", body).await.1["entries"], posted["entries"], "the same entry is there already");
    let id = posted["entries"][0]["id"].as_str().unwrap();

    let path = "/api/v1/calendar?from=2026-12-07&to=2026-12-18";
    let mut seen = false;
    for _ in 0..100 {
        let (status, shown) = demo.api("analyst", path).await;
        assert_eq!((status, &shown["posted"]), (200, &posted["entries"]), "{shown}");
        seen = shown["events"].as_array().unwrap().iter().any(|event| event["name"] == "Fee-free week");
        if seen {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    assert!(seen, "a posted event counts at once");

    let remove = async |role: &str| {
        let token = demo.get(&format!("/credentials/{role}/token"));
        client.delete(format!("{url}/{id}")).bearer_auth(token).send().await.unwrap().status().as_u16()
    };
    assert_eq!((remove("analyst").await, remove("admin").await, remove("sre").await), (403, 204, 404));
    let (_, trail) = demo.api("admin", "/api/v1/audit").await;
    let trail = trail.to_string();
    assert!(trail.contains("calendar.post") && trail.contains("calendar.remove"), "{trail}");
}

/// Who may silence, replay, and report alerts of another Alertmanager, and that it is on record.
async fn alerting(demo: &Demo, client: &reqwest::Client, web: &str) {
    let send = async |role: &str, method: reqwest::Method, path: &str, body: Value| {
        let pointer = format!("/credentials/{role}/token");
        let request = client.request(method, format!("{web}/api/v1{path}")).bearer_auth(demo.get(&pointer));
        let answer = request.json(&body).send().await.unwrap();
        (answer.status().as_u16(), answer.json::<Value>().await.unwrap_or_default())
    };
    let post =
        async |role: &str, path: &str, body: Value| send(role, reqwest::Method::POST, path, body).await;
    let mut silence = serde_json::json!({
        "matchers": ["service=\"order\""], "comment": "tape change",
        "window": {"recurring": {"start": "2026-01-03T22:00:00", "zone": "America/New_York",
            "rule": "FREQ=WEEKLY;BYDAY=SA", "seconds": 3600}},
    });
    for role in ["agent", "analyst", "ingest"] {
        assert_eq!(post(role, "/silences", silence.clone()).await.0, 403, "{role}");
        assert_eq!(post(role, "/deliveries/1/replay", Value::Null).await.0, 403, "{role}");
        assert_eq!(
            post(role, "/actions/rollback/enable", serde_json::json!({"why": "x"})).await.0,
            403,
            "{role}"
        );
    }
    let turn = async |body: Value| post("sre", "/actions/rollback/disable", body).await.0;
    assert_eq!(turn(serde_json::json!({"why": "x"})).await, 404, "there is no such action");
    assert_eq!((turn(serde_json::json!({"why": " "})).await, turn(serde_json::json!({})).await), (400, 400));
    let (status, made) = post("sre", "/silences", silence.clone()).await;
    assert_eq!(status, 201, "{made}");
    let (_, listed) = demo.api("admin", "/api/v1/silences").await;
    assert_eq!(listed["silences"][0]["id"], made["id"], "{listed}");
    silence["matchers"] = serde_json::json!([]);
    let (status, refused) = post("sre", "/silences", silence).await;
    assert_eq!((status, &refused["error"]["message"]), (400, &"a silence needs at least one matcher".into()));
    let path = format!("/silences/{}", made["id"].as_str().unwrap());
    let end = async |role: &str| send(role, reqwest::Method::DELETE, &path, Value::Null).await.0;
    assert_eq!((end("analyst").await, end("sre").await, end("sre").await), (403, 204, 404));
    assert_eq!(post("sre", "/deliveries/1/replay", Value::Null).await.0, 404);

    let told = serde_json::json!({"version": "4", "groupKey": "g", "status": "firing", "receiver": "headroom", "alerts": [{
        "status": "firing", "labels": {"alertname": "DiskFull", "severity": "critical"},
        "annotations": {"summary": "The disk is full"}, "startsAt": "2026-03-02T03:06:00Z",
    }]});
    for role in ["agent", "analyst"] {
        assert_eq!(post(role, "/alertmanager/webhook", told.clone()).await.0, 403, "{role}");
    }
    assert_eq!(post("ingest", "/alertmanager/webhook", serde_json::json!({"version": "3"})).await.0, 400);
    let (status, taken) = post("ingest", "/alertmanager/webhook", told).await;
    assert_eq!((status, &taken["alerts"]), (200, &1.into()), "{taken}");
    let (_, alerts) = demo.api("sre", "/api/v1/alerts?state=firing").await;
    let full =
        alerts["alerts"].as_array().unwrap().iter().find(|a| a["summary"] == "The disk is full").unwrap();
    let path = format!("/alerts/{}/ack", full["id"].as_str().unwrap());
    assert_eq!(post("analyst", &path, Value::Null).await.0, 403);
    let (status, acknowledged) = post("sre", &path, Value::Null).await;
    assert_eq!(status, 200, "{acknowledged}");
    let (_, trail) = demo.api("admin", "/api/v1/audit").await;
    for deed in ["silence.create", "silence.end", "alert.acknowledge"] {
        assert!(trail.to_string().contains(deed), "{deed}: {trail}");
    }
}

/// Who may tell deployments, and that one is counted once however often it is told.
async fn deployments(demo: &Demo, client: &reqwest::Client, web: &str) {
    let tell = async |role: &str, body: &Value| {
        let token = demo.get(&format!("/credentials/{role}/token"));
        let request = client.post(format!("{web}/api/v1/deployments")).bearer_auth(token).json(body);
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), answer.json::<Value>().await.unwrap())
    };
    let made = (chrono::Utc::now() - chrono::TimeDelta::hours(5)).to_rfc3339();
    let told = serde_json::json!({
        "service": "refusals-order", "version": "2.31.0", "previous_version": "2.30.4", "status": "finished",
        "environment": "production", "reason": "fix", "url": "https://ci.example.com/runs/7",
        "commits": [{"id": "7f3c2e1", "at": made}],
    });
    for role in ["agent", "analyst"] {
        assert_eq!(tell(role, &told).await.0, 403, "{role}");
    }
    for (key, value) in [
        ("version", ""),
        ("status", "begun"),
        ("url", "ci/7"),
        ("colour", "red"),
        ("at", "2020-01-01T00:00:00Z"),
    ] {
        let mut wrong = told.clone();
        wrong[key] = value.into();
        let (status, refused) = tell("ingest", &wrong).await;
        assert!(status == 400 && !refused["error"]["hint"].as_str().unwrap().is_empty(), "{key}: {refused}");
    }
    let (status, first) = tell("ingest", &told).await;
    assert_eq!((status, &first["event"]), (202, &"deployment.finished".into()), "{first}");
    assert_eq!(tell("sre", &told).await.1, first, "the same job, the same event");
    let mut found = Value::Null;
    for _ in 0..100 {
        let (_, delivery) = demo.api("analyst", "/api/v1/delivery").await;
        let services = delivery["services"].as_array().unwrap();
        found = services.iter().find(|one| one["service"] == "refusals-order").cloned().unwrap_or_default();
        if !found.is_null() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    assert_eq!(
        (&found["deployments"], &found["rework_rate"], &found["lead_time_band"]),
        (&1.into(), &1.0.into(), &"one_day".into()),
        "{found}"
    );
    assert_eq!(found["unknown"]["recovery_seconds"], "no deployment failed", "{found}");
}

/// Signing in, the cookie, and what another site cannot do with it.
async fn sessions(demo: &Demo, client: &reqwest::Client, web: &str) {
    let session = format!("{web}/api/v1/session");
    let wrong = serde_json::json!({"user": "agent", "password": "guess"});
    assert_eq!(client.post(&session).json(&wrong).send().await.unwrap().status(), 401);
    let right = serde_json::json!({"user": "agent", "password": demo.get("/credentials/agent/password")});
    let answer = client.post(&session).json(&right).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    let cookie = answer.headers()["set-cookie"].to_str().unwrap().to_owned();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"), "{cookie}");
    let cookie = cookie.split(';').next().unwrap().to_owned();
    let body: Value =
        client.get(&session).header("cookie", &cookie).send().await.unwrap().json().await.unwrap();
    assert_eq!(body["role"], "agent");

    let reveal = serde_json::json!({"customer_id": "cus-1", "reason": "customer asked on the phone"});
    let forged = client
        .post(format!("{web}/api/v1/lookup/reveal"))
        .header("cookie", &cookie)
        .json(&reveal)
        .send()
        .await
        .unwrap();
    assert_eq!(forged.status(), 403, "a cookie alone cannot change anything");

    let out =
        client.delete(&session).header("cookie", &cookie).header("x-headroom", "1").send().await.unwrap();
    assert_eq!(out.status(), 204);
    assert_eq!(client.get(&session).header("cookie", &cookie).send().await.unwrap().status(), 401);
}

/// Answers to requests that do not fit: a status, a sentence and a hint.
async fn wrong_requests(demo: &Demo, client: &reqwest::Client, web: &str) {
    for (path, status) in [
        ("/api/v1/nothing", 404),
        ("/api/v1/services?from=yesterdayish", 400),
        ("/api/v1/latency", 400),
        ("/api/v1/latency?service=x&quantiles=1.5", 400),
        ("/api/v1/latency?service=x&kind=servr", 400),
        ("/api/v1/logs?q=level:loud", 400),
        ("/api/v1/logs?before=then", 400),
        ("/api/v1/logs/live?level=loud", 400),
        ("/api/v1/traces/xyz", 400),
        ("/api/v1/traces/00112233445566778899aabbccddeeff", 404),
        ("/api/v1/slos/none", 404),
        ("/api/v1/calendar?from=soon", 400),
        ("/api/v1/calendar?from=2026-01-01&to=2028-01-01", 400),
        ("/api/v1/portfolios/none", 404),
        ("/api/v1/metrics?limit=0", 400),
        ("/api/v1/metrics/none", 404),
        ("/api/v1/metrics/none/series?where=nothing", 400),
        ("/api/v1/metrics/none/series?agg=median", 400),
        ("/api/v1/metrics/none/series?by=customer.email", 400),
        ("/api/v1/metrics/none/series?kind=meter", 400),
    ] {
        let (found, body) = demo.api("admin", path).await;
        assert_eq!(found, status, "{path}: {body}");
        assert!(!body["error"]["message"].as_str().unwrap().is_empty(), "{path}: {body}");
        assert!(!body["error"]["hint"].as_str().unwrap().is_empty(), "{path}: {body}");
    }
    let analyst = demo.get("/credentials/analyst/token");
    for sql in [
        "SELECT * FROM file('/etc/passwd')",
        "DROP TABLE spans",
        "SELECT 1; SELECT 2",
        "SELECT nonsense FROM spans",
    ] {
        let answer = client
            .post(format!("{web}/api/v1/sql"))
            .bearer_auth(&analyst)
            .json(&serde_json::json!({"sql": sql}))
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), 400, "{sql}");
    }
    let json = "application/json";
    let large = format!("{{\"sql\": \"SELECT 1 -- {}\"}}", "x".repeat(1 << 20));
    for (kind, body, status) in
        [(json, large, 413), ("text/plain", "SELECT 1".into(), 415), (json, "{".into(), 400)]
    {
        let request = client.post(format!("{web}/api/v1/sql")).header("content-type", kind).body(body);
        // The name of the scheme is the same in any case.
        let answer = request.header("authorization", format!("bearer {analyst}")).send().await.unwrap();
        assert_eq!(answer.status(), status, "{kind}");
        let refusal: Value = answer.json().await.unwrap();
        assert!(!refusal["error"]["hint"].as_str().unwrap().is_empty(), "{refusal}");
    }
}

//! Attacks on the doors of a running node, each of which is refused.

use crate::program::Demo;
use reqwest::{Client, Response};
use serde_json::{Value, json};
use std::io::{Read as _, Write as _};
use std::net::TcpStream;

async fn sign_in(demo: &Demo, role: &str, more: &[(&str, &str)]) -> Response {
    let (user, password) =
        ("user", "password").map_both(|what| demo.get(&format!("/credentials/{role}/{what}")));
    let url = format!("{}/api/v1/session", demo.get("/web"));
    let request = Client::new().post(url).json(&json!({"user": user, "password": password}));
    more.iter().fold(request, |request, (name, value)| request.header(*name, *value)).send().await.unwrap()
}

/// Both of a pair by one function.
trait Both<T> {
    fn map_both<R>(self, by: impl Fn(T) -> R) -> (R, R);
}

impl<T> Both<T> for (T, T) {
    fn map_both<R>(self, by: impl Fn(T) -> R) -> (R, R) {
        (by(self.0), by(self.1))
    }
}

fn cookie(answer: &Response) -> String {
    answer.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned()
}

/// A request to the byte, which a client would have mended; the head of the answer and its body.
fn raw(demo: &Demo, request: &str) -> String {
    let address = demo.get("/web").replace("http://", "");
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn attacks_are_refused() {
    let demo = Demo::start(&["--no-sample"]);
    cross_site(&demo).await;
    fixed_and_stolen_sessions(&demo).await;
    injection(&demo).await;
    traversal(&demo);
    replay(&demo).await;
    brute_force(&demo).await;
}

/// Another site's page has the cookie sent, and can neither set the header nor read an answer.
async fn cross_site(demo: &Demo) {
    let session = cookie(&sign_in(demo, "sre", &[]).await);
    let (client, web) = (Client::new(), demo.get("/web"));
    let silence = json!({"matchers": ["service=\"x\""], "comment": "attack",
        "window": {"once": {"from": "2026-01-03T22:00:00Z", "until": "2099-01-03T22:00:00Z"}}});
    let url = format!("{web}/api/v1/silences");
    let forged = |kind: &'static str| {
        let request = client.post(&url).header("cookie", &session).header("origin", "https://evil.example");
        request.header("content-type", kind).body(silence.to_string()).send()
    };
    for kind in ["application/json", "text/plain", "application/x-www-form-urlencoded"] {
        assert_eq!(forged(kind).await.unwrap().status(), 403, "{kind}");
    }
    let preflight = client.request(reqwest::Method::OPTIONS, &url).header("origin", "https://evil.example");
    let preflight = preflight
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", "x-headroom,content-type");
    let answer = preflight.send().await.unwrap();
    assert!(
        answer.headers().keys().all(|name| !name.as_str().starts_with("access-control-allow")),
        "{answer:?}"
    );
    let read = client.get(&url).header("cookie", &session).header("origin", "https://evil.example");
    let read = read.send().await.unwrap();
    assert!(read.headers().get("access-control-allow-origin").is_none(), "the browser keeps the answer back");
    let body: Value = read.json().await.unwrap();
    assert_eq!(body["silences"], json!([]), "no forged silence was made");
    for path in ["/", "/alerts", "/assets/none.js"] {
        let page = client.get(format!("{web}{path}")).send().await.unwrap();
        assert_eq!(page.headers()["x-frame-options"], "DENY", "{path}");
        assert_eq!(page.headers()["x-content-type-options"], "nosniff", "{path}");
    }
}

/// A session's value is never one that somebody brought, and is worth nothing once it has ended.
async fn fixed_and_stolen_sessions(demo: &Demo) {
    let planted = "headroom_session=planted-by-an-attacker-000000000000000000000";
    let given = cookie(&sign_in(demo, "sre", &[("cookie", planted)]).await);
    assert_ne!(given, planted);
    let (client, web) = (Client::new(), demo.get("/web"));
    let url = format!("{web}/api/v1/session");
    let status =
        async |cookie: &str| client.get(&url).header("cookie", cookie).send().await.unwrap().status();
    assert_eq!(status(planted).await, 401);
    assert_ne!(given, cookie(&sign_in(demo, "sre", &[]).await), "each sign-in has its own");
    assert_eq!(status(&given).await, 200);
    client.delete(&url).header("cookie", &given).header("x-headroom", "1").send().await.unwrap();
    assert_eq!(status(&given).await, 401, "stolen before, used after");

    // A token works until it is revoked, on a running node at once.
    let token = demo.get("/credentials/analyst/token");
    let bearer = async || client.get(&url).bearer_auth(&token).send().await.unwrap().status();
    assert_eq!(bearer().await, 200);
    let config = demo.folder().join("headroom.toml").display().to_string();
    let revoked =
        crate::program::headroom(&["token", "revoke", "demo-analyst", "-c", &config], demo.folder());
    assert!(revoked.status.success());
    assert_eq!(bearer().await, 401);
    // As a bearer, a cookie's value opens nothing here.
    let value = cookie(&sign_in(demo, "sre", &[]).await).split_once('=').unwrap().1.to_owned();
    assert_eq!(client.get(&url).bearer_auth(value).send().await.unwrap().status(), 401);
}

/// What a stranger writes is data: in SQL, in headers, in the log, in a page.
async fn injection(demo: &Demo) {
    let (client, web) = (Client::new(), demo.get("/web"));
    let admin = demo.get("/credentials/admin/token");
    for hostile in [
        "x' OR '1'='1",
        "x'; DROP TABLE spans; --",
        "x\\' UNION ALL SELECT * FROM system.users --",
        "{tenant}",
        "x\0y",
        "<script>alert(1)</script>",
    ] {
        let ask = async |path: &str, name: &str| {
            let request = client.get(format!("{web}{path}")).query(&[(name, hostile)]).bearer_auth(&admin);
            let answer = request.send().await.unwrap();
            let (status, kind) = (answer.status(), answer.headers()["content-type"].clone());
            assert!(!status.is_server_error(), "{hostile:?} at {path}: {status}");
            assert_eq!(kind, "application/json", "{hostile:?} at {path}: no browser takes it for a page");
            answer.text().await.unwrap()
        };
        for (path, name) in [
            ("/api/v1/lookup", "q"),
            ("/api/v1/latency", "service"),
            ("/api/v1/traces", "operation"),
            ("/api/v1/audit", "actor"),
            ("/api/v1/audit", "action"),
            ("/api/v1/bubbleup", "service"),
        ] {
            ask(path, name).await;
        }
        let found: Value = serde_json::from_str(&ask("/api/v1/audit", "subject").await).unwrap();
        assert_eq!(found["rows"], json!([]), "{hostile:?} is a subject that nobody had");
    }
    for sql in [
        "SELECT * FROM url('http://127.0.0.1:1')",
        "SELECT * FROM system.users",
        "SELECT 1; DROP TABLE spans",
        "INSERT INTO spans SELECT * FROM spans",
        "SELECT * FROM spans INTO OUTFILE '/tmp/x'",
    ] {
        let request = client.post(format!("{web}/api/v1/sql")).bearer_auth(&admin).json(&json!({"sql": sql}));
        assert_eq!(request.send().await.unwrap().status(), 400, "{sql}");
    }
    // A second header in a value, and a line of its own in the log.
    let split = raw(
        demo,
        "GET /api/v1/session HTTP/1.1\r\nHost: h\r\nConnection: close\r\nAuthorization: Bearer x\nSet-Cookie: a=b\r\n\r\n",
    );
    assert!(!split.to_lowercase().contains("\nset-cookie"), "{split}");
    let name = "x\n2026-01-01T00:00:00Z  INFO forged line";
    let wrong = json!({"user": name, "password": "guess"});
    assert_eq!(client.post(format!("{web}/api/v1/session")).json(&wrong).send().await.unwrap().status(), 401);
    assert!(!demo.log().lines().any(|line| line.starts_with("2026-01-01T00:00:00Z")), "{}", demo.log());
    // The pages run no script but their own, whatever a stored name says.
    let page = client.get(format!("{web}/alerts")).send().await.unwrap();
    let policy = page.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(policy.contains("default-src 'none'") && policy.contains("script-src 'self'"), "{policy}");
    assert!(!policy.contains("unsafe"), "{policy}");
}

/// No path leads out of the files that are in the binary.
fn traversal(demo: &Demo) {
    for path in [
        "/../../../../etc/passwd",
        "/assets/../../../../etc/passwd",
        "/assets/..%2f..%2f..%2f..%2fetc%2fpasswd",
        "/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
        "/..\\..\\..\\etc\\passwd",
        "//etc/passwd",
        "/charts/..%2f..%2fcontrol.db.png?tenant=main&until=99999999999&signature=00",
        "/api/v1/traces/..%2f..%2faudit",
        "/control.db",
        "/audit.key",
    ] {
        let answer = raw(demo, &format!("GET {path} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"));
        assert!(
            !answer.contains("root:") && !answer.contains("PRIVATE+KEY") && !answer.contains("SQLite"),
            "{path}"
        );
        let shell = answer.starts_with("HTTP/1.1 200") && answer.contains("<div id=\"root\"");
        let refused =
            ["400", "401", "404"].iter().any(|code| answer.starts_with(&format!("HTTP/1.1 {code}")));
        assert!(shell || refused, "{path}: {}", &answer[..answer.len().min(300)]);
    }
}

/// A signed link is for its picture, its tenant and its time; a report that is repeated counts once.
async fn replay(demo: &Demo) {
    let (client, web) = (Client::new(), demo.get("/web"));
    for link in [
        "/charts/a1.png?tenant=main&until=99999999999&signature=",
        "/charts/a1.png?tenant=other&until=99999999999&signature=00",
        "/charts/a1.png?tenant=main&until=1&signature=00",
    ] {
        assert_eq!(client.get(format!("{web}{link}")).send().await.unwrap().status(), 404, "{link}");
    }
    let told = json!({"version": "4", "groupKey": "g", "status": "firing", "receiver": "headroom", "alerts": [{
        "status": "firing", "labels": {"alertname": "Replayed", "severity": "critical"},
        "annotations": {"summary": "Replayed"}, "startsAt": "2026-03-02T03:06:00Z",
    }]});
    for _ in 0..3 {
        let request = client.post(format!("{web}/api/v1/alertmanager/webhook")).json(&told);
        let token = demo.get("/credentials/ingest/token");
        assert_eq!(request.bearer_auth(token).send().await.unwrap().status(), 200);
    }
    let (_, alerts) = demo.api("sre", "/api/v1/alerts?state=firing").await;
    let same = alerts["alerts"].as_array().unwrap().iter().filter(|alert| alert["summary"] == "Replayed");
    assert_eq!(same.count(), 1, "{alerts}");
}

/// Guessing ends after ten; it is on record, and locks out nobody else.
async fn brute_force(demo: &Demo) {
    let (client, web) = (Client::new(), demo.get("/web"));
    let guess = async |user: &str| {
        let body = json!({"user": user, "password": "not this one"});
        client.post(format!("{web}/api/v1/session")).json(&body).send().await.unwrap()
    };
    for n in 0..10 {
        assert_eq!(guess("admin").await.status(), 401, "{n}");
    }
    let locked = guess("admin").await;
    assert_eq!(locked.status(), 429);
    assert!(locked.headers().contains_key("retry-after"));
    assert_eq!(sign_in(demo, "admin", &[]).await.status(), 429, "even with the right password, from here");
    let spoofed = sign_in(demo, "admin", &[("x-forwarded-for", "203.0.113.7")]).await;
    assert_eq!(spoofed.status(), 429, "who is no trusted proxy speaks for nobody");
    assert_eq!(sign_in(demo, "agent", &[]).await.status(), 200, "others come in");
    for _ in 0..10 {
        assert_eq!(guess("nobody-of-this-name").await.status(), 401);
    }
    assert_eq!(guess("nobody-of-this-name").await.status(), 429, "a name that is not there is no different");
    let (_, trail) = demo.api("admin", "/api/v1/audit?action=login.locked&subject=admin").await;
    assert_eq!(trail["rows"].as_array().unwrap().len(), 1, "{trail}");
    assert_eq!(trail["rows"][0]["detail"]["from"], "127.0.0.1");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_one_caller_slows_nobody_else() {
    let demo = Demo::start_with(&["--no-sample"], &[("HEADROOM__WEB__REQUESTS_PER_SECOND", "5")]);
    let mut refused = 0;
    for _ in 0..60 {
        let (status, body) = demo.api("analyst", "/api/v1/session").await;
        refused += usize::from(status == 429);
        assert!(status == 200 || body["error"]["code"] == "too_many_requests", "{status} {body}");
    }
    assert!(refused > 0, "sixty requests at once are more than five a second");
    assert_eq!(demo.api("sre", "/api/v1/session").await.0, 200);
    tokio::time::sleep(std::time::Duration::from_secs(2)).await;
    assert_eq!(demo.api("analyst", "/api/v1/session").await.0, 200);
}

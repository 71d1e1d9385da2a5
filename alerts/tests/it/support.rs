//! A receiver, a clock, spans, and configurations.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, TimeDelta, Utc};
use headroom_alerts::{AlertsConfig, TargetConfig};
use headroom_query::slo::SloSet;
use headroom_store::{Store, literal};
use hmac::{Hmac, Mac as _};
use sha2::Sha256;

pub(crate) const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
/// Where receivers of tests are.
pub(crate) const LOOPBACK: &[&str] = &["127.0.0.0/8", "::1"];
pub(crate) const TENANT: &str = "acme";

/// A request as it arrived, and what was answered.
#[derive(Debug, Clone)]
pub(crate) struct Got {
    pub(crate) id: String,
    /// Seconds since the epoch, as in `webhook-timestamp`.
    pub(crate) timestamp: i64,
    pub(crate) status: u16,
    pub(crate) body: serde_json::Value,
    /// The body to the byte.
    pub(crate) raw: String,
}

impl Got {
    pub(crate) fn kind(&self) -> &str {
        self.body["type"].as_str().unwrap()
    }
}

#[derive(Debug, Default)]
struct Inbox {
    got: Vec<Got>,
    forged: usize,
    answers: VecDeque<(u16, Option<(&'static str, String)>)>,
}

/// A local receiver that checks every signature.
#[derive(Debug, Clone)]
pub(crate) struct Receiver {
    pub(crate) address: SocketAddr,
    inbox: Arc<Mutex<Inbox>>,
}

impl Receiver {
    pub(crate) async fn start() -> Self {
        Self::start_at("127.0.0.1:0".parse().unwrap()).await
    }

    pub(crate) async fn start_at(address: SocketAddr) -> Self {
        let inbox = Arc::new(Mutex::new(Inbox::default()));
        let app = axum::Router::new().fallback(receive).with_state(Arc::clone(&inbox));
        let listener = tokio::net::TcpListener::bind(address).await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        Self { address, inbox }
    }

    /// One that does not listen: nobody answers at its address.
    pub(crate) fn away(address: SocketAddr) -> Self {
        Self { address, inbox: Arc::default() }
    }

    /// The next answers, in order; after them 204.
    pub(crate) fn answer(&self, status: u16, header: Option<(&'static str, &str)>) -> &Self {
        self.inbox
            .lock()
            .unwrap()
            .answers
            .push_back((status, header.map(|(name, value)| (name, value.to_owned()))));
        self
    }

    pub(crate) fn got(&self) -> Vec<Got> {
        let inbox = self.inbox.lock().unwrap();
        assert_eq!(inbox.forged, 0, "every signature is over the very bytes");
        inbox.got.clone()
    }

    pub(crate) fn hook(&self, name: &str) -> TargetConfig {
        hook(name, &format!("http://{}/hook", self.address), LOOPBACK)
    }
}

async fn receive(State(inbox): State<Arc<Mutex<Inbox>>>, headers: HeaderMap, body: Bytes) -> Response {
    let text = |name: &str| headers.get(name).unwrap().to_str().unwrap().to_owned();
    let id = text("webhook-id");
    let timestamp = text("webhook-timestamp");
    let genuine =
        is_genuine(&text("webhook-signature"), &[id.as_bytes(), timestamp.as_bytes(), &body].join(&b'.'));
    let mut inbox = inbox.lock().unwrap();
    if !genuine {
        inbox.forged += 1;
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let (status, header) = inbox.answers.pop_front().unwrap_or((204, None));
    inbox.got.push(Got {
        id,
        timestamp: timestamp.parse().unwrap(),
        status,
        body: serde_json::from_slice(&body).unwrap(),
        raw: String::from_utf8(body.to_vec()).unwrap(),
    });
    let mut response = StatusCode::from_u16(status).unwrap().into_response();
    if let Some((name, value)) = header {
        response.headers_mut().insert(name, value.parse().unwrap());
    }
    response
}

/// Checks a signature as a receiver does, without help of the crate.
fn is_genuine(signature: &str, signed: &[u8]) -> bool {
    let key = STANDARD.decode(SECRET.strip_prefix("whsec_").unwrap()).unwrap();
    let mac = Hmac::<Sha256>::new_from_slice(&key).unwrap().chain_update(signed);
    let given = signature.strip_prefix("v1,").and_then(|encoded| STANDARD.decode(encoded).ok());
    given.is_some_and(|given| mac.verify_slice(&given).is_ok())
}

/// A local receiver of anything: path and body of each request.
#[derive(Debug, Clone)]
pub(crate) struct Catcher {
    pub(crate) address: SocketAddr,
    caught: Arc<Mutex<Caught>>,
}

#[derive(Debug, Default)]
struct Caught {
    got: Vec<(String, serde_json::Value)>,
    answers: VecDeque<u16>,
}

impl Catcher {
    pub(crate) async fn start() -> Self {
        let caught = Arc::new(Mutex::new(Caught::default()));
        let app = axum::Router::new().fallback(catch).with_state(Arc::clone(&caught));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        Self { address, caught }
    }

    /// The next answer; after those asked for, 202.
    pub(crate) fn answer(&self, status: u16) {
        self.caught.lock().unwrap().answers.push_back(status);
    }

    pub(crate) fn got(&self) -> Vec<(String, serde_json::Value)> {
        self.caught.lock().unwrap().got.clone()
    }
}

async fn catch(State(caught): State<Arc<Mutex<Caught>>>, uri: Uri, body: Bytes) -> StatusCode {
    let mut caught = caught.lock().unwrap();
    caught.got.push((uri.path().to_owned(), serde_json::from_slice(&body).unwrap()));
    StatusCode::from_u16(caught.answers.pop_front().unwrap_or(202)).unwrap()
}

pub(crate) fn hook(name: &str, url: &str, allow_networks: &[&str]) -> TargetConfig {
    target(&format!(
        "name = '{name}'\nkind = 'webhook'\nurl = '{url}'\nsecrets = ['{SECRET}']\nenvelope = true\nallow_networks = {allow_networks:?}"
    ))
}

pub(crate) fn target(toml: &str) -> TargetConfig {
    toml::from_str(toml).unwrap()
}

pub(crate) fn config(targets: Vec<TargetConfig>) -> AlertsConfig {
    AlertsConfig { targets, ..AlertsConfig::default() }
}

/// An instant on a whole minute, today at noon.
pub(crate) fn noon() -> DateTime<Utc> {
    Utc::now().date_naive().and_hms_opt(12, 0, 0).unwrap().and_utc() - TimeDelta::days(1)
}

/// `rate` requests a minute from `from` up to `to`, of which `bad` end with error, each
/// lasting `ms` milliseconds.
pub(crate) async fn spans(
    store: &Store,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    rate: u32,
    bad: u32,
    ms: u32,
) {
    let minutes = (to - from).num_minutes();
    let sql = format!(
        "INSERT INTO {table} (tenant, service, operation, kind, status, ts, duration_ns, trace_id, span_id) \
         SELECT '{TENANT}', 'order', 'POST /orders', 'server', if(number % {rate} < {bad}, 'error', 'ok'), \
         {from} + toIntervalSecond(intDiv(number, {rate}) * 60 + number % 60), {ms} * 1000000, \
         unhex(leftPad(hex(cityHash64(number, {salt})), 32, '0')), unhex(leftPad(hex(cityHash64(number, {salt}, 1)), 16, '0')) \
         FROM numbers({count})",
        table = store.table("spans"),
        from = literal::ts(from),
        salt = from.timestamp(),
        count = minutes * i64::from(rate),
    );
    store.execute(&sql).await.unwrap();
}

/// `count` business events of a name within the minute at `at`.
pub(crate) async fn events(store: &Store, at: DateTime<Utc>, name: &str, count: u32, id_prefix: &str) {
    let sql = format!(
        "INSERT INTO {table} (tenant, name, ts, event_id, service) \
         SELECT '{TENANT}', {name}, {at}, concat({id_prefix}, toString(number)), 'payments' FROM numbers({count})",
        table = store.table("events"),
        name = literal::string(name),
        at = literal::ts(at),
        id_prefix = literal::string(id_prefix),
    );
    store.execute(&sql).await.unwrap();
}

/// A point of a gauge of the price feed in each of so many minutes.
pub(crate) async fn gauge(store: &Store, from: DateTime<Utc>, minutes: u32, name: &str, value: f64) {
    let sql = format!(
        "INSERT INTO {table} (tenant, service, name, ts, value) \
         SELECT '{TENANT}', 'prices', {name}, {from} + toIntervalMinute(number), {value} FROM numbers({minutes})",
        table = store.table("metric_gauge"),
        name = literal::string(name),
        from = literal::ts(from),
    );
    store.execute(&sql).await.unwrap();
}

/// One objective of the order service.
pub(crate) fn order_slo(target: f64) -> Arc<SloSet> {
    slo(
        &format!("{{target: {target}}}"),
        "{operation: POST /orders, kind: server, status: not_error}",
        "{operation: POST /orders, kind: server}",
    )
}

/// One objective named `orders` with the given good and total sources.
pub(crate) fn slo(objective: &str, good: &str, total: &str) -> Arc<SloSet> {
    let text = format!(
        "apiVersion: openslo/v1\nkind: SLO\nmetadata: {{name: orders, displayName: Orders}}\nspec:\n  service: order\n  \
         indicator: {{spec: {{ratioMetric: {{counter: true, good: {{metricSource: {{type: headroom, spec: {good}}}}}, \
         total: {{metricSource: {{type: headroom, spec: {total}}}}}}}}}}}\n  \
         timeWindow: [{{duration: 30d, isRolling: true}}]\n  budgetingMethod: Occurrences\n  objectives: [{objective}]\n"
    );
    Arc::new(SloSet::parse([("test.yaml", text.as_str())]).unwrap())
}

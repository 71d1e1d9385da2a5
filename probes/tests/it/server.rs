//! A broker that can be slow, wrong and hostile.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{any, get, post};
use futures::stream;
use headroom_probes::{ProbeConfig, ProbesError, Run};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio_util::sync::CancellationToken;

/// What a request said.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) line: String,
    pub(crate) headers: HashMap<String, String>,
    pub(crate) body: String,
}

#[derive(Debug, Default)]
pub(crate) struct Book {
    pub(crate) asked: Vec<Asked>,
    /// How often an order is looked at before it is what it becomes.
    pub(crate) fills_after: usize,
    pub(crate) becomes: &'static str,
    pub(crate) pause: Duration,
    looks: usize,
    at_once: usize,
    pub(crate) most_at_once: usize,
}

#[derive(Debug, Clone)]
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    pub(crate) book: Arc<Mutex<Book>>,
}

impl Server {
    pub(crate) async fn start() -> Self {
        let book = Book { fills_after: 2, becomes: "filled", ..Book::default() };
        let book = Arc::new(Mutex::new(book));
        let app = axum::Router::new()
            .route("/orders", post(place))
            .route("/orders/{id}", get(look).delete(|| async { StatusCode::NO_CONTENT }))
            .route(
                "/positions",
                get(|| async { Json(json!({"positions": [{"symbol": "TEST", "quantity": "3"}]})) }),
            )
            .route("/slow", get(slow))
            .route("/drip", get(drip))
            .route("/endless", get(endless))
            .route("/broken", any(|| async { StatusCode::INTERNAL_SERVER_ERROR }))
            .route("/login", any(|| async { [(header::SET_COOKIE, "session=s-1; Path=/; HttpOnly")] }))
            .route("/echo", any(echo))
            .route("/to/{*to}", any(redirect))
            .layer(middleware::from_fn_with_state(Arc::clone(&book), note))
            .with_state(Arc::clone(&book));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        Self { address, book }
    }

    pub(crate) fn set(&self, change: impl FnOnce(&mut Book)) {
        let mut book = self.book.lock().unwrap();
        book.looks = 0;
        change(&mut book);
    }

    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.book.lock().unwrap().asked.clone()
    }

    pub(crate) fn lines(&self) -> Vec<String> {
        self.asked().into_iter().map(|asked| asked.line).collect()
    }

    /// A probe of this server; `keys` stand before its steps.
    pub(crate) fn probe(&self, keys: &str, steps: &str) -> ProbeConfig {
        probe(&format!(
            "allow_networks = ['127.0.0.1']\nvariables = {{ base = 'http://{}' }}\n{keys}\n{steps}",
            self.address
        ))
    }

    /// The same of one step.
    pub(crate) fn step(&self, keys: &str) -> ProbeConfig {
        self.probe("", &format!("[[steps]]\nname = 'look'\n{keys}"))
    }
}

pub(crate) fn probe(text: &str) -> ProbeConfig {
    let name = if text.contains("name = 'trade'\n") { "" } else { "name = 'p'\n" };
    let every = if text.contains("every = '1s'\n") { "" } else { "every = '1m'\n" };
    let probe: ProbeConfig = toml::from_str(&format!("{name}{every}{text}")).unwrap();
    headroom_probes::check(std::slice::from_ref(&probe)).unwrap();
    probe
}

pub(crate) async fn ran(probe: &ProbeConfig) -> Run {
    try_run(probe).await.unwrap()
}

pub(crate) async fn try_run(probe: &ProbeConfig) -> Result<Run, ProbesError> {
    let run = headroom_probes::run(probe, chrono::Utc::now(), &CancellationToken::new()).await?;
    Ok(run.expect("nobody stops it"))
}

/// Why a run failed.
pub(crate) async fn failure(probe: &ProbeConfig) -> String {
    ran(probe).await.failure.unwrap_or_else(|| "it passed".to_owned())
}

/// A server of TLS that answers anything with 200, and the certificate that it shows.
pub(crate) async fn tls(names: &[&str], days: i64) -> (SocketAddr, String) {
    let mut parameters =
        rcgen::CertificateParams::new(names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>())
            .unwrap();
    parameters.not_after =
        (std::time::SystemTime::now() + Duration::from_secs(86_400 * days.unsigned_abs())).into();
    let key = rcgen::KeyPair::generate().unwrap();
    let certificate = parameters.self_signed(&key).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    std::fs::write(path("cert"), certificate.pem()).unwrap();
    std::fs::write(path("key"), key.serialize_pem()).unwrap();
    let files = headroom_tls::TlsFiles { cert: path("cert"), key: path("key"), client_ca: None };
    let mut keys = headroom_tls::Keys::load(&files, &[b"http/1.1"]).unwrap();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let acceptor = keys.acceptor();
            tokio::spawn(async move {
                let Ok(mut stream) = acceptor.accept(stream).await else { return };
                let mut room = [0; 4_096];
                let _ = stream.read(&mut room).await;
                let _ = stream
                    .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok")
                    .await;
                let _ = stream.shutdown().await;
            });
        }
    });
    (address, certificate.pem())
}

async fn note(State(book): State<Arc<Mutex<Book>>>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let bytes = axum::body::to_bytes(body, 1 << 20).await.unwrap();
    let headers =
        parts.headers.iter().map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()));
    {
        let mut book = book.lock().unwrap();
        book.asked.push(Asked {
            line: format!("{} {}", parts.method, parts.uri),
            headers: headers.collect(),
            body: String::from_utf8(bytes.to_vec()).unwrap(),
        });
        book.at_once += 1;
        book.most_at_once = book.most_at_once.max(book.at_once);
    }
    let response = next.run(Request::from_parts(parts, Body::from(bytes))).await;
    book.lock().unwrap().at_once -= 1;
    response
}

async fn place(State(book): State<Arc<Mutex<Book>>>, Json(order): Json<Value>) -> Response {
    book.lock().unwrap().looks = 0;
    let id = format!("o-{}", order["reference"].as_str().unwrap_or("none"));
    (StatusCode::CREATED, Json(json!({"id": id, "status": "new"}))).into_response()
}

async fn look(State(book): State<Arc<Mutex<Book>>>, Path(id): Path<String>) -> Json<Value> {
    let mut book = book.lock().unwrap();
    book.looks += 1;
    let status = if book.looks > book.fills_after { book.becomes } else { "new" };
    Json(json!({"id": id, "status": status}))
}

async fn slow(State(book): State<Arc<Mutex<Book>>>) -> &'static str {
    let pause = book.lock().unwrap().pause;
    tokio::time::sleep(pause).await;
    "at last"
}

/// A byte each 50 ms, for ever.
async fn drip() -> Body {
    Body::from_stream(stream::unfold((), |()| async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        Some((Ok::<_, std::io::Error>(Bytes::from_static(b".")), ()))
    }))
}

/// As fast as it goes, for ever.
async fn endless() -> Body {
    Body::from_stream(stream::repeat_with(|| Ok::<_, std::io::Error>(Bytes::from_static(&[b'x'; 16_000]))))
}

async fn echo(headers: HeaderMap, body: String) -> Json<Value> {
    let header = |name: &str| headers.get(name).map(|value| value.to_str().unwrap().to_owned());
    Json(json!({"authorization": header("authorization"), "cookie": header("cookie"), "body": body}))
}

async fn redirect(Path(to): Path<String>) -> Response {
    (StatusCode::FOUND, [(header::LOCATION, to.replacen('~', "://", 1))]).into_response()
}

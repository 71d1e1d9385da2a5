//! Endpoints for operators and their probes; no sign-in, no personal data.

use crate::state::AppState;
use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use serde::Serialize;
use utoipa::ToSchema;

/// The process lives. Does not ask the store, so that a slow store does not get the process killed.
#[utoipa::path(get, path = "/healthz", tag = "operations", responses((status = 200, description = "the process lives", body = String)))]
pub(crate) async fn healthz() -> &'static str {
    "ok\n"
}

/// Answer of `/readyz`.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Readiness {
    ready: bool,
    #[serde(flatten)]
    status: crate::state::NodeStatus,
}

/// The node can do its work: every part is ready, and the store answers where the node's roles need it.
#[utoipa::path(get, path = "/readyz", tag = "operations",
    responses((status = 200, body = Readiness), (status = 503, description = "a part is not ready; the body says which", body = Readiness)))]
pub(crate) async fn readyz(State(state): State<AppState>) -> impl IntoResponse {
    let mut status = (state.probes.status)();
    if let Some(figures) = status.ingest.as_mut().and_then(serde_json::Value::as_object_mut) {
        // Whoever asks here is not known: who sends what is for `/api/v1/ingest`.
        figures.remove("tenants");
    }
    let (ready, detail) = match state.store.ping().await {
        Ok(()) => (true, "answers".to_owned()),
        Err(error) => (false, error.to_string()),
    };
    status.parts.push(crate::state::Part { name: "store".to_owned(), ready, detail });
    let counts = |part: &&crate::state::Part| part.name != "store" || state.probes.needs_store;
    let ready = status.parts.iter().filter(counts).all(|part| part.ready);
    let code = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (code, Json(Readiness { ready, status }))
}

/// Metrics of this node in Prometheus' text format.
#[utoipa::path(get, path = "/metrics", tag = "operations", responses((status = 200, description = "Prometheus text", body = String)))]
pub(crate) async fn metrics(State(state): State<AppState>) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], (state.probes.metrics)())
}

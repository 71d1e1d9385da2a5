//! The doors over HTTP.
//!
//! | route | for |
//! |---|---|
//! | `GET /scale`, `GET /scale/{service}` | KEDA's metrics-api scaler (`valueLocation: replicas`), scripts |
//! | `GET /metrics/scaler` | Prometheus |
//! | `GET /readyz/scaler` | a readiness probe |
//! | `GET /apis/external.metrics.k8s.io/v1beta1/…` | the Kubernetes API aggregation |
//!
//! They ask for no token: whoever merges them decides who may ask.

mod external_metrics;
mod gauges;
mod scale;
mod selector;

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;

use crate::ask::Ask;
use crate::desk::Desk;

pub use gauges::gauges;

/// The routes.
pub fn router(desk: Arc<Desk>) -> Router {
    Router::new()
        .route("/scale", get(scale::all))
        .route("/scale/{service}", get(scale::one))
        .route("/metrics/scaler", get(metrics))
        .route("/readyz/scaler", get(ready))
        .merge(external_metrics::routes())
        .with_state(desk)
}

async fn metrics(State(desk): State<Arc<Desk>>) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], gauges(&desk))
}

/// Ready when every planned service gets an answer, be it the last plan or the fallback. A store that is down does
/// not make the scaler unready: that is when the last plan is needed.
async fn ready(State(desk): State<Arc<Desk>>) -> (StatusCode, String) {
    let services = desk.services();
    if services.is_empty() {
        let text = "no service is planned: add [models.services.NAME] to the configuration\n";
        return (StatusCode::SERVICE_UNAVAILABLE, text.to_owned());
    }
    let refused = services.into_iter().find_map(|target| {
        let ask = Ask::of(target);
        desk.answer(&ask).err()
    });
    match refused {
        None => (StatusCode::OK, "ready\n".to_owned()),
        Some(refusal) => (StatusCode::SERVICE_UNAVAILABLE, format!("{refusal}\n")),
    }
}

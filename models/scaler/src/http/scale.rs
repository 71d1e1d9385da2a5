//! What is wanted, as JSON.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::ask::Ask;
use crate::desk::{Answer, Desk};
use crate::plans::Target;
use crate::refusal::Refusal;

/// A question that got no number.
#[derive(Serialize)]
struct Refused {
    #[serde(flatten)]
    target: Option<Target>,
    error: String,
}

/// `GET /scale/{service}`: the answer; parameters as in the metadata of a KEDA trigger.
pub(super) async fn one(
    State(desk): State<Arc<Desk>>,
    Path(service): Path<String>,
    Query(parameters): Query<HashMap<String, String>>,
) -> Response {
    let read = Ask::read(|key| match key {
        "service" => Some(service.as_str()),
        other => parameters.get(other).map(String::as_str),
    });
    match read.and_then(|ask| desk.answer(&ask)) {
        Ok(answer) => Json(answer).into_response(),
        Err(refusal) => {
            let refused = Refused { target: None, error: refusal.to_string() };
            (status(&refusal), Json(refused)).into_response()
        }
    }
}

/// A line of `GET /scale`.
#[derive(Serialize)]
#[serde(untagged)]
enum Line {
    Told(Answer),
    Refused(Refused),
}

#[derive(Serialize)]
pub(super) struct Lines {
    services: Vec<Line>,
}

/// `GET /scale`: the answers of all that is planned, and why one has none.
pub(super) async fn all(State(desk): State<Arc<Desk>>) -> Json<Lines> {
    let line = |target: Target| {
        let ask = Ask::of(target.clone());
        match desk.answer(&ask) {
            Ok(answer) => Line::Told(answer),
            Err(refusal) => Line::Refused(Refused { target: Some(target), error: refusal.to_string() }),
        }
    };
    Json(Lines { services: desk.services().into_iter().map(line).collect() })
}

/// The HTTP status of a refusal.
pub(super) fn status(refusal: &Refusal) -> StatusCode {
    match refusal {
        Refusal::Invalid(_) => StatusCode::BAD_REQUEST,
        Refusal::Unknown(_) => StatusCode::NOT_FOUND,
        Refusal::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
    }
}

//! The Kubernetes external metrics API, version v1beta1, as an aggregated API server answers it.
//!
//! A cluster has one server of this API; where KEDA is installed it is KEDA's. This one is for clusters without it:
//! the Horizontal Pod Autoscaler then reads the metric `headroom_desired_replicas`, selected by the labels `service`
//! and `quantile`, with a target of `averageValue: 1`.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use chrono::SecondsFormat;
use serde_json::{Value, json};

use super::scale;
use super::selector::Selector;
use crate::ask::Ask;
use crate::desk::Desk;
use crate::plans::Target;
use crate::refusal::Refusal;

const GROUP: &str = "external.metrics.k8s.io";
const GROUP_VERSION: &str = "external.metrics.k8s.io/v1beta1";

/// The metric's name.
const METRIC: &str = "headroom_desired_replicas";

pub(super) fn routes() -> Router<Arc<Desk>> {
    Router::new()
        .route("/apis/external.metrics.k8s.io", get(group))
        .route("/apis/external.metrics.k8s.io/v1beta1", get(resources))
        .route("/apis/external.metrics.k8s.io/v1beta1/namespaces/{namespace}/{metric}", get(values))
}

/// `APIGroup`: which versions there are.
async fn group() -> Json<Value> {
    let version = json!({ "groupVersion": GROUP_VERSION, "version": "v1beta1" });
    Json(json!({
        "kind": "APIGroup", "apiVersion": "v1", "name": GROUP,
        "versions": [version], "preferredVersion": version,
    }))
}

/// `APIResourceList`: which metrics there are.
async fn resources() -> Json<Value> {
    Json(json!({
        "kind": "APIResourceList", "apiVersion": "v1", "groupVersion": GROUP_VERSION,
        "resources": [{
            "name": METRIC, "singularName": "", "namespaced": true,
            "kind": "ExternalMetricValueList", "verbs": ["get"],
        }],
    }))
}

/// `ExternalMetricValueList`: the metric of the selected services. A service without an answer makes the call
/// fail: the autoscaler adds the values up, and a part would be too few.
async fn values(
    State(desk): State<Arc<Desk>>,
    Path((_, metric)): Path<(String, String)>,
    Query(query): Query<HashMap<String, String>>,
) -> Response {
    if metric != METRIC {
        let what = format!("there is no metric `{metric}`: the metric is `{METRIC}`");
        return failure(StatusCode::NOT_FOUND, &what);
    }
    let selector = query.get("labelSelector").map_or("", String::as_str);
    let selector = match Selector::read(selector) {
        Ok(selector) => selector,
        Err(what) => return failure(StatusCode::BAD_REQUEST, &format!("labelSelector: {what}")),
    };
    match select(&desk, &selector) {
        Ok(items) => Json(json!({
            "kind": "ExternalMetricValueList", "apiVersion": GROUP_VERSION, "metadata": {}, "items": items,
        }))
        .into_response(),
        Err(refusal) => failure(scale::status(&refusal), &refusal.to_string()),
    }
}

fn select(desk: &Desk, selector: &Selector) -> Result<Vec<Value>, Refusal> {
    let named = selector.only("service");
    let mut targets = desk.services();
    targets.retain(|target| named.is_none_or(|service| service == target.service));
    if !selector.mentions("quantile") {
        // The values are added up: of one service, one counts.
        targets.retain(|target| target.quantile.is_none());
    }
    if targets.is_empty() {
        // What is asked for by name is answered, or refused, by name.
        let service = named.ok_or_else(|| {
            Refusal::Invalid(
                "labelSelector selects no planned service: select one by `service=NAME`".to_owned(),
            )
        })?;
        targets.push(Target::service(service));
    }
    let timestamp = desk.now().to_rfc3339_opts(SecondsFormat::Secs, true);
    let mut items = Vec::new();
    for target in targets {
        let answer = desk.answer(&Ask::of(target.clone()))?;
        // A fallback stands for every quantile.
        let quantile = target.quantile.or(answer.quantile).map(|quantile| quantile.to_string());
        let quantile = quantile.or_else(|| selector.only("quantile").map(str::to_owned));
        let labels: BTreeMap<_, _> = [("service", target.service)]
            .into_iter()
            .chain(quantile.map(|quantile| ("quantile", quantile)))
            .collect();
        if selector.selects(&labels) {
            items.push(json!({
                "metricName": METRIC, "metricLabels": labels,
                "timestamp": timestamp, "value": answer.replicas.to_string(),
            }));
        }
    }
    if items.is_empty() {
        return Err(Refusal::Invalid(
            "labelSelector selects nothing that is planned: see GET /scale".to_owned(),
        ));
    }
    Ok(items)
}

/// `Status`, as Kubernetes tells a failure.
fn failure(code: StatusCode, message: &str) -> Response {
    let reason = match code {
        StatusCode::NOT_FOUND => "NotFound",
        StatusCode::BAD_REQUEST => "BadRequest",
        _ => "ServiceUnavailable",
    };
    let status = json!({
        "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
        "message": message, "reason": reason, "code": code.as_u16(),
    });
    (code, Json(status)).into_response()
}

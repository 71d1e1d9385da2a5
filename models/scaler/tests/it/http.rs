//! The doors over HTTP.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use headroom_scaler::{Policy, router};
use http_body_util::BodyExt as _;
use serde_json::Value;
use tower::ServiceExt as _;

use crate::planner::{Planner, State, minutes};

fn doors(planner: &Arc<Planner>) -> Router {
    router(planner.desk(Policy::default()))
}

async fn text(doors: &Router, path: &str) -> (u16, String) {
    let request = Request::get(path).body(Body::empty()).unwrap();
    let response = doors.clone().oneshot(request).await.unwrap();
    let status = response.status().as_u16();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

async fn json(doors: &Router, path: &str) -> (u16, Value) {
    let (status, body) = text(doors, path).await;
    (status, serde_json::from_str(&body).unwrap_or_else(|e| panic!("{e}: {body}")))
}

#[tokio::test]
async fn json_for_metrics_api() {
    let planner = Planner::new();
    let doors = doors(&planner);
    let (status, body) = json(&doors, "/scale/gateway").await;
    assert_eq!(status, 200);
    insta::assert_json_snapshot!(body, @"");
    let (status, body) = json(&doors, "/scale/gateway?maxReplicas=8&quantile=0.5").await;
    assert_eq!((status, &body["replicas"], &body["quantile"]), (200, &6.into(), &serde_json::json!(0.5)));
    let (status, body) = json(&doors, "/scale").await;
    assert_eq!((status, body["services"].as_array().unwrap().len()), (200, 2));

    let (status, body) = json(&doors, "/scale/orders").await;
    assert_eq!(status, 404);
    insta::assert_snapshot!(body["error"].as_str().unwrap(), @"");
    let (status, body) = json(&doors, "/scale/gateway?minReplicas=-3").await;
    assert_eq!(status, 400);
    insta::assert_snapshot!(body["error"].as_str().unwrap(), @"");
    let (status, body) = json(&doors, "/scale/gateway?quantile=NaN").await;
    assert_eq!(status, 400);
    insta::assert_snapshot!(body["error"].as_str().unwrap(), @"");
}

#[tokio::test]
async fn gauges_for_prometheus() {
    let planner = Planner::new();
    let doors = doors(&planner);
    insta::assert_snapshot!(text(&doors, "/metrics/scaler").await.1, @"");
    planner.set(State::Down);
    planner.pass(minutes(30));
    let (_, down) = text(&doors, "/metrics/scaler").await;
    assert!(down.contains("headroom_plan_age_seconds{service=\"gateway\",quantile=\"0.95\"} 1800\n"), "{down}");
    assert!(down.contains("headroom_plan_fallback{service=\"gateway\",quantile=\"0.95\"} 1\n"), "{down}");
    planner.pass(minutes(24 * 60));
    let (_, missing) = text(&doors, "/metrics/scaler").await;
    assert!(!missing.contains("headroom_desired_replicas{"), "{missing}");
    assert!(missing.contains("headroom_plan_missing{service=\"gateway\"} 1\n"), "{missing}");
}

#[tokio::test]
async fn ready_when_every_service_has_an_answer() {
    let planner = Planner::new();
    planner.set(State::Starting);
    let doors = doors(&planner);
    assert_eq!(text(&doors, "/readyz/scaler").await.0, 503);
    planner.set(State::Working);
    assert_eq!(text(&doors, "/readyz/scaler").await, (200, "ready\n".to_owned()));
    planner.set(State::Down);
    assert_eq!(text(&doors, "/readyz/scaler").await.0, 200, "an outage is when the last plan is needed");
}

#[tokio::test]
async fn the_external_metrics_api() {
    const API: &str = "/apis/external.metrics.k8s.io";
    let planner = Planner::new();
    let doors = doors(&planner);
    let (_, group) = json(&doors, API).await;
    assert_eq!((&group["kind"], &group["preferredVersion"]["version"]), (&"APIGroup".into(), &"v1beta1".into()));
    let (_, list) = json(&doors, &format!("{API}/v1beta1")).await;
    insta::assert_json_snapshot!(list, @"");
    let values = format!("{API}/v1beta1/namespaces/trading/headroom_desired_replicas?labelSelector=");
    let (status, gateway) = json(&doors, &format!("{values}service%3Dgateway")).await;
    assert_eq!(status, 200);
    insta::assert_json_snapshot!(gateway, @"");
    let (_, median) = json(&doors, &format!("{values}service%3Dgateway%2Cquantile%20in%20(0.5)")).await;
    assert_eq!((median["items"].as_array().unwrap().len(), &median["items"][0]["value"]), (1, &"6".into()));

    let (status, unknown) = json(&doors, &format!("{values}service%3Dorders")).await;
    assert_eq!(status, 404);
    insta::assert_json_snapshot!(unknown, @"");
    for (path, wanted) in [
        (format!("{values}service%20is%20gateway"), 400),
        (format!("{values}service%3Dgateway%2Czone%3Da"), 400),
        (format!("{API}/v1beta1/namespaces/trading/other"), 404),
    ] {
        let (status, body) = json(&doors, &path).await;
        assert_eq!((status, &body["kind"], &body["code"]), (wanted, &"Status".into(), &wanted.into()), "{path}");
    }
}

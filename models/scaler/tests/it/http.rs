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

fn pretty(body: &Value) -> String {
    serde_json::to_string_pretty(body).unwrap()
}

#[tokio::test]
async fn json_for_metrics_api() {
    let planner = Planner::new();
    let doors = doors(&planner);
    let (status, body) = json(&doors, "/scale/gateway").await;
    assert_eq!(status, 200);
    insta::assert_snapshot!(pretty(&body), @r#"
    {
      "ahead": [
        {
          "at": "2026-01-28T18:52:00Z",
          "reason": "FOMC 14:00 ET, class median 2.7x, q0.95, 12 -> 31 replicas by 13:52",
          "replicas": 31
        },
        {
          "at": "2026-01-28T21:00:00Z",
          "reason": "FOMC has passed: 31 -> 14 replicas",
          "replicas": 14
        }
      ],
      "made_at": "2026-01-28T17:00:00Z",
      "planned": 12,
      "quantile": 0.95,
      "reason": "an ordinary Wednesday",
      "replicas": 12,
      "service": "gateway",
      "source": "plan"
    }
    "#);
    let (status, body) = json(&doors, "/scale/gateway?maxReplicas=8&quantile=0.5").await;
    assert_eq!((status, &body["replicas"], &body["quantile"]), (200, &6.into(), &serde_json::json!(0.5)));
    let (status, body) = json(&doors, "/scale").await;
    assert_eq!((status, body["services"].as_array().unwrap().len()), (200, 2));

    let (status, body) = json(&doors, "/scale/orders").await;
    assert_eq!(status, 404);
    insta::assert_snapshot!(body["error"].as_str().unwrap(), @"service `orders` is not planned: add [models.services.orders] with requests_per_minute to Headroom's configuration, or name one of: gateway");
    let (status, body) = json(&doors, "/scale/gateway?minReplicas=-3").await;
    assert_eq!(status, 400);
    insta::assert_snapshot!(body["error"].as_str().unwrap(), @"`minReplicas` must be a whole number of replicas, not `-3`");
    let (status, body) = json(&doors, "/scale/gateway?quantile=NaN").await;
    assert_eq!(status, 400);
    insta::assert_snapshot!(body["error"].as_str().unwrap(), @"`quantile` must lie between 0 and 1, such as 0.95, not `NaN`");
}

#[tokio::test]
async fn gauges_for_prometheus() {
    let planner = Planner::new();
    let doors = doors(&planner);
    insta::assert_snapshot!(text(&doors, "/metrics/scaler").await.1, @r#"
    # HELP headroom_desired_replicas Replicas to run now.
    # TYPE headroom_desired_replicas gauge
    headroom_desired_replicas{service="gateway",quantile="0.95"} 12
    headroom_desired_replicas{service="gateway",quantile="0.5"} 6
    # HELP headroom_planned_replicas Replicas planned, before bounds.
    # TYPE headroom_planned_replicas gauge
    headroom_planned_replicas{service="gateway",quantile="0.95"} 12
    headroom_planned_replicas{service="gateway",quantile="0.5"} 6
    # HELP headroom_plan_age_seconds Age of the plan that is told.
    # TYPE headroom_plan_age_seconds gauge
    headroom_plan_age_seconds{service="gateway",quantile="0.95"} 0
    headroom_plan_age_seconds{service="gateway",quantile="0.5"} 0
    # HELP headroom_plan_fallback 1 when no fresh plan is told.
    # TYPE headroom_plan_fallback gauge
    headroom_plan_fallback{service="gateway",quantile="0.95"} 0
    headroom_plan_fallback{service="gateway",quantile="0.5"} 0
    # HELP headroom_plan_missing 1 when nothing can be told.
    # TYPE headroom_plan_missing gauge
    headroom_plan_missing{service="gateway",quantile="0.95"} 0
    headroom_plan_missing{service="gateway",quantile="0.5"} 0
    "#);
    planner.set(State::Down);
    planner.pass(minutes(30));
    let (_, down) = text(&doors, "/metrics/scaler").await;
    assert!(
        down.contains("headroom_plan_age_seconds{service=\"gateway\",quantile=\"0.95\"} 1800\n"),
        "{down}"
    );
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
    assert_eq!(
        (&group["kind"], &group["preferredVersion"]["version"]),
        (&"APIGroup".into(), &"v1beta1".into())
    );
    let (_, list) = json(&doors, &format!("{API}/v1beta1")).await;
    insta::assert_snapshot!(pretty(&list), @r#"
    {
      "apiVersion": "v1",
      "groupVersion": "external.metrics.k8s.io/v1beta1",
      "kind": "APIResourceList",
      "resources": [
        {
          "kind": "ExternalMetricValueList",
          "name": "headroom_desired_replicas",
          "namespaced": true,
          "singularName": "",
          "verbs": [
            "get"
          ]
        }
      ]
    }
    "#);
    let values = format!("{API}/v1beta1/namespaces/trading/headroom_desired_replicas?labelSelector=");
    let (status, gateway) = json(&doors, &format!("{values}service%3Dgateway")).await;
    assert_eq!(status, 200);
    insta::assert_snapshot!(pretty(&gateway), @r#"
    {
      "apiVersion": "external.metrics.k8s.io/v1beta1",
      "items": [
        {
          "metricLabels": {
            "quantile": "0.95",
            "service": "gateway"
          },
          "metricName": "headroom_desired_replicas",
          "timestamp": "2026-01-28T17:00:00Z",
          "value": "12"
        }
      ],
      "kind": "ExternalMetricValueList",
      "metadata": {}
    }
    "#);
    let (_, median) = json(&doors, &format!("{values}service%3Dgateway%2Cquantile%20in%20(0.5)")).await;
    assert_eq!((median["items"].as_array().unwrap().len(), &median["items"][0]["value"]), (1, &"6".into()));

    let (status, unknown) = json(&doors, &format!("{values}service%3Dorders")).await;
    assert_eq!(status, 404);
    insta::assert_snapshot!(pretty(&unknown), @r#"
    {
      "apiVersion": "v1",
      "code": 404,
      "kind": "Status",
      "message": "service `orders` is not planned: add [models.services.orders] with requests_per_minute to Headroom's configuration, or name one of: gateway",
      "metadata": {},
      "reason": "NotFound",
      "status": "Failure"
    }
    "#);
    for (path, wanted) in [
        (format!("{values}service%20is%20gateway"), 400),
        (format!("{values}service%3Dgateway%2Czone%3Da"), 400),
        (format!("{API}/v1beta1/namespaces/trading/other"), 404),
    ] {
        let (status, body) = json(&doors, &path).await;
        assert_eq!(
            (status, &body["kind"], &body["code"]),
            (wanted, &"Status".into(), &wanted.into()),
            "{path}"
        );
    }
}

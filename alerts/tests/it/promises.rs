//! Promises beside the plain one: over a journey, of a metric, with OpenSLO's own policies, of a critical service.

use std::sync::Arc;

use chrono::TimeDelta;
use headroom_alerts::AlertsConfig;
use headroom_control::AlertState;
use headroom_query::slo::{self, SloSet};
use headroom_store::Clock as _;
use serde_json::Value;

use crate::support::{TENANT, config, events, gauge, noon, order_slo};
use crate::world::World;

pub(crate) fn set(text: &str) -> Arc<SloSet> {
    Arc::new(SloSet::parse([("test.yaml", text)]).unwrap())
}

/// From order to deposit: requests weigh three, events one.
pub(crate) const JOURNEY: &str = "apiVersion: openslo/v1
kind: SLO
metadata: { name: journey, displayName: Journey }
spec:
  service: order
  timeWindow: [{ duration: 30d, isRolling: true }]
  budgetingMethod: Occurrences
  objectives:
    - displayName: Place
      target: 0.999
      compositeWeight: 3
      indicator: { metadata: { name: place }, spec: { ratioMetric: { counter: true,
        good: { metricSource: { type: headroom, spec: { operation: POST /orders, status: not_error } } },
        total: { metricSource: { type: headroom, spec: { operation: POST /orders } } } } } }
    - displayName: Deposit
      target: 0.99
      indicator: { metadata: { name: deposit }, spec: { ratioMetric: { counter: true,
        good: { metricSource: { type: headroom, spec: { event: deposit.completed } } },
        total: { metricSource: { type: headroom, spec: { event_in: [deposit.completed, deposit.failed] } } } } } }
";

#[tokio::test]
async fn a_journey_alerts_as_a_whole_and_its_parts_do_not() {
    let set = set(JOURNEY);
    let mut world = World::new(config(vec![]), set.clone()).await;
    for minute in 0..60 {
        let at = noon() - TimeDelta::seconds(60) + TimeDelta::minutes(minute);
        events(&world.store, at, "deposit.completed", 10, &format!("d{minute}-")).await;
    }
    world.pass(60, 100, 10).await;
    assert_eq!(world.tick().await, 1, "one alert");
    let open = world.control.open_alerts(TENANT).unwrap();
    assert_eq!((open[0].slo.as_str(), open[0].severity.as_str()), ("journey", "critical"));
    let rows = slo::rows(&world.store, TENANT, &set, world.clock.now()).await.unwrap();
    let names: Vec<&str> = rows.iter().map(|row| row.name.as_str()).collect();
    assert_eq!(names, ["journey", "journey.1", "journey.2"]);
    let journey = &rows[0];
    // 10 % of three quarters fails, of 1 - (3 x 0.999 + 0.99) / 4 = 0.325 % allowed.
    assert!((journey.burn["1h"].unwrap() - 0.075 / 0.00325).abs() < 1e-6, "{journey:?}");
    assert!((journey.target - 0.99675).abs() < 1e-12);
    assert_eq!(journey.parts.iter().map(|part| part.share).collect::<Vec<_>>(), [0.75, 0.25]);
    assert_eq!((rows[1].part_of.as_deref(), journey.part_of.as_deref()), (Some("journey"), None));
    insta::assert_snapshot!(journey.objective, @"99.675 % of Place, Deposit together, by weight, over 30 days");
    let promise = set.promise("journey").unwrap();
    let range = headroom_query::TimeRange::new(noon(), world.clock.now()).unwrap();
    let detail =
        slo::detail(&world.store, TENANT, &set, promise.clone(), &range, world.clock.now()).await.unwrap();
    let last = detail.series.last().unwrap();
    assert_eq!(last.burn_1h, journey.burn["1h"]);
    assert_eq!((last.good, last.total), (100.0, 110.0));
    let fired = slo::fired(&world.store, TENANT, &promise, 1e-3, range).await.unwrap();
    assert_eq!((fired.pages.count, fired.pages.open), (1, true));
}

pub(crate) fn policy(flags: &str) -> Arc<SloSet> {
    set(&format!(
        "apiVersion: openslo/v1
kind: SLO
metadata: {{ name: orders, displayName: Orders }}
spec:
  service: order
  timeWindow: [{{ duration: 30d, isRolling: true }}]
  budgetingMethod: Occurrences
  indicator: {{ metadata: {{ name: i }}, spec: {{ ratioMetric: {{ counter: true,
    good: {{ metricSource: {{ type: headroom, spec: {{ operation: POST /orders, status: not_error }} }} }},
    total: {{ metricSource: {{ type: headroom, spec: {{ operation: POST /orders }} }} }} }} }} }}
  objectives: [{{ target: 0.9 }}]
  alertPolicies:
    - kind: AlertPolicy
      metadata: {{ name: fast }}
      spec:
        {flags}
        conditions:
          - kind: AlertCondition
            metadata: {{ name: twice }}
            spec: {{ severity: page, condition: {{ kind: burnrate, op: gte, threshold: 2, lookbackWindow: 10m, alertAfter: 2m }} }}
        notificationTargets:
          - kind: AlertNotificationTarget
            metadata: {{ name: on-call }}
            spec: {{ target: slack }}
"
    ))
}

fn told() -> AlertsConfig {
    toml::from_str("[[targets]]\nname = 'ops'\nkind = 'slack'\nurl = 'https://hooks.slack.example/x'")
        .unwrap()
}

/// Reason, policy and targets of each message, oldest first.
fn messages(world: &World) -> Vec<(String, String)> {
    let mut all = world.control.list_deliveries(None, 50).unwrap();
    all.sort_by_key(|delivery| delivery.id);
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let message = |payload: &Value| {
        let labels = &payload["alerts"][0]["labels"];
        assert_eq!(
            (text(&labels["policy"]), text(&labels["targets"])),
            ("fast".to_owned(), "on-call".to_owned())
        );
        (text(&payload["reason"]), text(&labels["track"]))
    };
    all.iter().map(|delivery| message(&delivery.payload)).collect()
}

/// A quarter fails for some minutes, and then nothing.
async fn burn_and_calm(world: &mut World) {
    world.pass(20, 100, 0).await;
    world.tick().await;
    for bad in [25, 25, 25, 25, 25, 25, 25, 25, 25, 25, 25, 0, 0, 0, 0, 0] {
        world.pass(1, 100, bad).await;
        world.tick().await;
    }
}

#[tokio::test]
async fn a_policy_tells_when_its_condition_has_held_and_when_it_holds_no_longer() {
    let mut world =
        World::new(told(), policy("alertWhenBreaching: true\n        alertWhenResolved: true")).await;
    burn_and_calm(&mut world).await;
    let pair = |reason: &str| (reason.to_owned(), "policy".to_owned());
    assert_eq!(messages(&world), [pair("first"), pair("all_resolved")]);
    let alerts = world.control.list_alerts(TENANT, None, 10).unwrap();
    assert_eq!(
        (alerts.len(), alerts[0].severity.as_str(), alerts[0].state),
        (1, "critical", AlertState::Resolved)
    );
    insta::assert_snapshot!(alerts[0].summary, @"Orders: burning at 2.5x over 10 minutes; the policy fast is for a burn at least 2.0x");
}

#[tokio::test]
async fn a_policy_that_tells_only_the_beginning_ends_silently_and_one_that_tells_only_the_end_tells_that() {
    let mut world = World::new(told(), policy("alertWhenBreaching: true")).await;
    burn_and_calm(&mut world).await;
    assert_eq!(messages(&world), [("first".to_owned(), "policy".to_owned())]);
    assert_eq!(world.control.open_alerts(TENANT).unwrap(), []);

    let mut world = World::new(told(), policy("alertWhenResolved: true")).await;
    burn_and_calm(&mut world).await;
    let messages = messages(&world);
    assert_eq!(messages.len(), 1, "{messages:?}");
    assert_eq!(world.control.list_alerts(TENANT, None, 10).unwrap()[0].state, AlertState::Resolved);
}

#[tokio::test]
async fn a_policy_tells_that_there_is_no_data() {
    let mut world = World::new(told(), policy("alertWhenNoData: true")).await;
    world.pass(20, 100, 0).await;
    world.tick().await;
    world.pass(12, 0, 0).await;
    world.tick().await;
    assert_eq!(messages(&world), [("first".to_owned(), "no-data".to_owned())]);
    world.pass(15, 100, 0).await;
    world.tick().await;
    assert_eq!(world.control.open_alerts(TENANT).unwrap(), []);
}

#[tokio::test]
async fn a_metric_is_held_against_its_threshold_by_the_minute() {
    let set = set("apiVersion: openslo/v1
kind: SLO
metadata: { name: fresh }
spec:
  service: prices
  timeWindow: [{ duration: 1d, isRolling: true }]
  budgetingMethod: Timeslices
  indicator: { metadata: { name: age }, spec: { thresholdMetric: { metricSource: { type: headroom, spec: { metric: price.age, statistic: max } } } } }
  objectives: [{ op: lte, value: 5, target: 0.9, timeSliceTarget: 1, timeSliceWindow: 1m }]
");
    let mut world = World::new(config(vec![]), set.clone()).await;
    let from = noon() - TimeDelta::seconds(60);
    gauge(&world.store, from, 50, "price.age", 2.0).await;
    gauge(&world.store, from + TimeDelta::minutes(50), 10, "price.age", 5.5).await;
    gauge(&world.store, from, 60, "other", 100.0).await;
    world.clock.advance(TimeDelta::minutes(60));
    world.tick().await;
    let row = slo::rows(&world.store, TENANT, &set, world.clock.now()).await.unwrap().remove(0);
    assert_eq!(row.unavailable, None);
    assert_eq!((row.good, row.total), (Some(50.0), Some(60.0)));
    // What is not reported is not known, though others are.
    gauge(&world.store, from + TimeDelta::minutes(60), 60, "other", 100.0).await;
    world.clock.advance(TimeDelta::minutes(60));
    world.tick().await;
    let row = slo::rows(&world.store, TENANT, &set, world.clock.now()).await.unwrap().remove(0);
    assert!(row.unavailable.is_some(), "{row:?}");
}

#[tokio::test]
async fn a_critical_service_that_is_down_climbs_and_is_a_candidate_for_the_authority() {
    let config: AlertsConfig = toml::from_str(
        "critical_services = ['order']\n[[targets]]\nname = 'ops'\nkind = 'slack'\nurl = 'https://hooks.slack.example/x'\n\
         [ladder]\nmajor_seconds = 86400\ncritical_customers = 1000",
    )
    .unwrap();
    // At 93 % there is no critical rule: what fails altogether pages as major.
    let mut world = World::new(config, order_slo(0.93)).await;
    world.pass(360, 100, 0).await;
    world.tick().await;
    let severity = |world: &World| world.control.open_alerts(TENANT).unwrap()[0].severity.clone();
    for _ in 0..34 {
        world.pass(5, 100, 100).await;
        world.tick().await;
    }
    assert_eq!(severity(&world), "critical");
    let open = &world.control.open_alerts(TENANT).unwrap()[0];
    assert!(open.detail["causes"].to_string().contains("down"), "{}", open.detail);
    let mut told = world.control.list_deliveries(None, 50).unwrap();
    told.sort_by_key(|delivery| delivery.id);
    // It pages when the six hours' rule says so, after two and a half hours.
    let told: Vec<_> = told
        .iter()
        .map(|delivery| {
            ["reason", "severity", "dora"]
                .map(|field| delivery.payload[field].as_str().unwrap_or_default().to_owned())
        })
        .collect();
    let dora = "No major incident (DORA) so far: duration or downtime";
    assert_eq!(told, [["first", "major", dora], ["raised", "critical", dora]]);
    // Two hours of downtime are one criterion of the regulation; nothing is known of the others.
    let watched: Value = serde_json::from_str(&world.control.routing(TENANT).unwrap().unwrap()).unwrap();
    let dora = &watched["watched"][&open.id]["context"]["dora"];
    assert_eq!(dora["met"], serde_json::json!(["duration"]), "{dora}");
    assert_eq!(dora["major"], false);
}

//! The steps ahead in other forms.

use chrono::TimeDelta;
use headroom_scaler::export::{
    ScalableTarget, ScaledWorkload, Schedule, aws_application_auto_scaling, aws_auto_scaling_group,
    azure_profiles, csv, gcp_schedules, icalendar, scaled_object,
};
use headroom_scaler::notice::{Timing, notices};
use headroom_scaler::{Ask, Bounds, Policy, Refusal, Step, Target};
use serde_json::Value;

use crate::planner::{Planner, State, minutes, noon, steps};

fn schedule() -> Schedule {
    let desk = Planner::new().desk(Policy::default());
    desk.schedule(&Ask::service("gateway"), noon() + minutes(360)).unwrap()
}

/// A day of a step each quarter of an hour: more than any cloud takes.
fn busy_fortnight() -> Schedule {
    let planner = Planner::new();
    let step = |n: i64| Step {
        at: noon() + minutes(15 * n),
        replicas: 10 + (n * 7 % 23) as u32,
        reason: format!("step {n}"),
    };
    *planner.steps.lock().unwrap() = (0..1344).map(step).collect();
    let desk = planner.desk(Policy::default());
    desk.schedule(&Ask::service("gateway"), noon() + minutes(14 * 1440)).unwrap()
}

#[test]
fn a_plan_within_the_bounds_as_a_table() {
    insta::assert_snapshot!(csv(&[schedule()]).unwrap(), @r#"
    service,from,until,before,replicas,quantile,reason
    gateway,2026-01-28T18:52:00Z,2026-01-28T21:00:00Z,12,31,0.95,"FOMC 14:00 ET, class median 2.7x, q0.95, 12 -> 31 replicas by 13:52"
    gateway,2026-01-28T21:00:00Z,2026-01-28T23:00:00Z,31,14,0.95,FOMC has passed: 31 -> 14 replicas
    "#);
    let planner = Planner::new();
    let desk = planner.desk(Policy::default());
    let few = Ask { max: Some(10), ..Ask::service("gateway") };
    let none = desk.schedule(&few, noon() + minutes(360)).unwrap();
    assert_eq!(none.windows, [], "12, 31 and 14 are all 10");
    let fallback = Ask { fallback: Some(20), ..Ask::service("gateway") };
    planner.set(State::Down);
    planner.pass(TimeDelta::days(2));
    let refused = desk.schedule(&fallback, noon() + TimeDelta::days(3)).unwrap_err();
    assert!(matches!(&refused, Refusal::Unavailable(_)), "a fallback is no plan: {refused}");
}

#[test]
fn scheduled_actions_of_aws() {
    insta::assert_snapshot!(aws_auto_scaling_group(&schedule(), "gateway-asg"), @r#"
    [
      {
        "AutoScalingGroupName": "gateway-asg",
        "MaxSize": 100,
        "MinSize": 31,
        "ScheduledActionName": "headroom-gateway-20260128t1852z",
        "StartTime": "2026-01-28T18:52:00Z"
      },
      {
        "AutoScalingGroupName": "gateway-asg",
        "MaxSize": 100,
        "MinSize": 14,
        "ScheduledActionName": "headroom-gateway-20260128t2100z",
        "StartTime": "2026-01-28T21:00:00Z"
      },
      {
        "AutoScalingGroupName": "gateway-asg",
        "MaxSize": 100,
        "MinSize": 1,
        "ScheduledActionName": "headroom-gateway-20260128t2300z",
        "StartTime": "2026-01-28T23:00:00Z"
      }
    ]
    "#);
    let ecs = ScalableTarget::ecs("trading", "gateway");
    insta::assert_snapshot!(aws_application_auto_scaling(&schedule(), &ecs), @r#"
    [
      {
        "ResourceId": "service/trading/gateway",
        "ScalableDimension": "ecs:service:DesiredCount",
        "ScalableTargetAction": {
          "MaxCapacity": 100,
          "MinCapacity": 31
        },
        "Schedule": "at(2026-01-28T18:52:00)",
        "ScheduledActionName": "headroom-gateway-20260128t1852z",
        "ServiceNamespace": "ecs",
        "Timezone": "UTC"
      },
      {
        "ResourceId": "service/trading/gateway",
        "ScalableDimension": "ecs:service:DesiredCount",
        "ScalableTargetAction": {
          "MaxCapacity": 100,
          "MinCapacity": 14
        },
        "Schedule": "at(2026-01-28T21:00:00)",
        "ScheduledActionName": "headroom-gateway-20260128t2100z",
        "ServiceNamespace": "ecs",
        "Timezone": "UTC"
      },
      {
        "ResourceId": "service/trading/gateway",
        "ScalableDimension": "ecs:service:DesiredCount",
        "ScalableTargetAction": {
          "MaxCapacity": 100,
          "MinCapacity": 1
        },
        "Schedule": "at(2026-01-28T23:00:00)",
        "ScheduledActionName": "headroom-gateway-20260128t2300z",
        "ServiceNamespace": "ecs",
        "Timezone": "UTC"
      }
    ]
    "#);
    let many: Vec<Value> = serde_json::from_str(&aws_auto_scaling_group(&busy_fortnight(), "g")).unwrap();
    assert_eq!(many.len(), 125);
    let names: std::collections::BTreeSet<_> = many.iter().map(|a| a["StartTime"].to_string()).collect();
    assert_eq!(names.len(), 125, "a group has one action at a time");
}

#[test]
fn schedules_of_google_cloud() {
    insta::assert_snapshot!(gcp_schedules(&schedule()), @r#"
    {
      "autoscalingPolicy": {
        "scalingSchedules": {
          "headroom-gateway-20260128t1852z": {
            "description": "FOMC 14:00 ET, class median 2.7x, q0.95, 12 -> 31 replicas by 13:52",
            "durationSec": 7680,
            "minRequiredReplicas": 31,
            "schedule": "52 18 28 1 * 2026",
            "timeZone": "Etc/UTC"
          },
          "headroom-gateway-20260128t2100z": {
            "description": "FOMC has passed: 31 -> 14 replicas",
            "durationSec": 7200,
            "minRequiredReplicas": 14,
            "schedule": "0 21 28 1 * 2026",
            "timeZone": "Etc/UTC"
          }
        }
      }
    }
    "#);
    let many: Value = serde_json::from_str(&gcp_schedules(&busy_fortnight())).unwrap();
    assert_eq!(many["autoscalingPolicy"]["scalingSchedules"].as_object().unwrap().len(), 128);
}

#[test]
fn profiles_of_azure() {
    insta::assert_snapshot!(azure_profiles(&schedule(), &[]), @r#"
    {
      "profiles": [
        {
          "capacity": {
            "default": "1",
            "maximum": "100",
            "minimum": "1"
          },
          "name": "default",
          "rules": []
        },
        {
          "capacity": {
            "default": "31",
            "maximum": "100",
            "minimum": "31"
          },
          "fixedDate": {
            "end": "2026-01-28T21:00:00",
            "start": "2026-01-28T18:52:00",
            "timeZone": "UTC"
          },
          "name": "headroom-gateway-20260128t1852z",
          "rules": []
        },
        {
          "capacity": {
            "default": "14",
            "maximum": "100",
            "minimum": "14"
          },
          "fixedDate": {
            "end": "2026-01-28T23:00:00",
            "start": "2026-01-28T21:00:00",
            "timeZone": "UTC"
          },
          "name": "headroom-gateway-20260128t2100z",
          "rules": []
        }
      ]
    }
    "#);
    let many: Value = serde_json::from_str(&azure_profiles(&busy_fortnight(), &[])).unwrap();
    assert_eq!(many["profiles"].as_array().unwrap().len(), 20);
}

#[test]
fn a_calendar_of_the_steps() {
    let text = icalendar(&[schedule()]);
    assert!(text.lines().all(|line| line.len() <= 75), "{text}");
    assert_eq!(text.matches('\n').count(), text.matches("\r\n").count());
    insta::assert_snapshot!(text.replace("\r\n", "\n"), @r#"
    BEGIN:VCALENDAR
    VERSION:2.0
    PRODID:-//Headroom//Plan//EN
    METHOD:PUBLISH
    BEGIN:VEVENT
    UID:headroom-gateway-20260128t1852z@headroom
    DTSTAMP:20260128T170000Z
    DTSTART:20260128T185200Z
    DTEND:20260128T210000Z
    SUMMARY:gateway: 12 -> 31 replicas
    DESCRIPTION:FOMC 14:00 ET\, class median 2.7x\, q0.95\, 12 -> 31 replicas b
     y 13:52
    TRANSP:TRANSPARENT
    END:VEVENT
    BEGIN:VEVENT
    UID:headroom-gateway-20260128t2100z@headroom
    DTSTAMP:20260128T170000Z
    DTSTART:20260128T210000Z
    DTEND:20260128T230000Z
    SUMMARY:gateway: 31 -> 14 replicas
    DESCRIPTION:FOMC has passed: 31 -> 14 replicas
    TRANSP:TRANSPARENT
    END:VEVENT
    END:VCALENDAR
    "#);
}

pub(crate) fn workload() -> ScaledWorkload {
    ScaledWorkload {
        target: Target::service("gateway"),
        namespace: "trading".to_owned(),
        kind: "Deployment".to_owned(),
        name: "gateway".to_owned(),
        bounds: Bounds { min: 4, max: 60, fallback: Some(20) },
        address: "headroom-scaler.headroom.svc:4320".to_owned(),
        authentication: Some("headroom-scaler".to_owned()),
        cpu_percent: Some(70),
    }
}

#[test]
fn a_scaled_object_of_keda() {
    insta::assert_snapshot!(scaled_object(&workload()).unwrap(), @r#"
    apiVersion: keda.sh/v1alpha1
    kind: ScaledObject
    metadata:
      name: gateway
      namespace: trading
      labels:
        app.kubernetes.io/managed-by: headroom
    spec:
      scaleTargetRef:
        apiVersion: apps/v1
        kind: Deployment
        name: gateway
      pollingInterval: 15
      cooldownPeriod: 300
      minReplicaCount: 4
      maxReplicaCount: 60
      fallback:
        failureThreshold: 3
        replicas: 20
        behavior: currentReplicasIfHigher
      advanced:
        horizontalPodAutoscalerConfig:
          behavior:
            scaleUp:
              stabilizationWindowSeconds: 0
              policies:
              - type: Percent
                value: 1000
                periodSeconds: 15
            scaleDown:
              stabilizationWindowSeconds: 300
              policies:
              - type: Percent
                value: 100
                periodSeconds: 15
      triggers:
      - type: external-push
        metricType: AverageValue
        metadata:
          enableTLS: 'true'
          fallbackReplicas: '20'
          maxReplicas: '60'
          minReplicas: '4'
          scalerAddress: headroom-scaler.headroom.svc:4320
          service: gateway
        authenticationRef:
          name: headroom-scaler
      - type: cpu
        metricType: Utilization
        metadata:
          value: '70'
    "#);
}

#[test]
fn a_message_before_and_after_each_step() {
    let timing = Timing { before: minutes(5), after: minutes(2) };
    let made = notices("gateway", 0.95, 12, &steps(), timing);
    let due: Vec<_> = made.iter().map(|n| (n.id.as_str(), n.due.format("%H:%M").to_string())).collect();
    insta::assert_debug_snapshot!(due, @r#"
    [
        (
            "scale_gateway_20260128T185200Z_12_31_before",
            "18:47",
        ),
        (
            "scale_gateway_20260128T185200Z_12_31_after",
            "18:54",
        ),
        (
            "scale_gateway_20260128T210000Z_31_14_before",
            "20:55",
        ),
        (
            "scale_gateway_20260128T210000Z_31_14_after",
            "21:02",
        ),
    ]
    "#);
    insta::assert_snapshot!(made[0].body, @r#"{"type":"scale.before","timestamp":"2026-01-28T18:47:00Z","data":{"service":"gateway","at":"2026-01-28T18:52:00Z","from_replicas":12,"to_replicas":31,"quantile":0.95,"reason":"FOMC 14:00 ET, class median 2.7x, q0.95, 12 -> 31 replicas by 13:52"}}"#);
    assert_eq!(made, notices("gateway", 0.95, 12, &steps(), timing), "the same ids whenever it is made");
}

#![allow(clippy::unwrap_used)]

use super::*;

fn slo_yaml(indicator: &str, objective: &str) -> String {
    format!(
        "apiVersion: openslo/v1\nkind: SLO\nmetadata:\n  name: orders\n  displayName: Orders\nspec:\n  description: orders are taken\n  \
         service: order\n  {indicator}\n  timeWindow:\n    - duration: 30d\n      isRolling: true\n  budgetingMethod: Occurrences\n  \
         objectives:\n    - {objective}\n"
    )
}

const RATIO: &str = "indicator: {spec: {ratioMetric: {counter: true, good: {metricSource: {type: headroom, spec: {operation: place, status: not_error}}}, total: {metricSource: {type: headroom, spec: {operation: place}}}}}}";

fn parse(text: &str) -> Result<SloSet, String> {
    SloSet::parse([("a.yaml", text)]).map_err(|e| e.to_string())
}

#[test]
fn a_status_ratio() {
    let set = parse(&slo_yaml(RATIO, "target: 0.999")).unwrap();
    let slo = set.get("orders").unwrap();
    assert_eq!((slo.target, slo.window.seconds, slo.method), (0.999, 30 * 86_400, Method::Occurrences));
    let scope = SpanScope { service: "order".to_owned(), operation: Some("place".to_owned()), kinds: vec![] };
    let part = SpanCondition { status: Some(Status::NotError), latency: None };
    assert_eq!(
        slo.indicator,
        Ok(Indicator::Spans { scope, total: SpanCondition::default(), part, inverted: false })
    );
}

#[test]
fn the_generation_follows_the_indicator_and_not_the_target() {
    let generation = |text: &str| parse(text).unwrap().slos[0].generation.clone();
    let base = generation(&slo_yaml(RATIO, "target: 0.999"));
    assert_eq!(base, generation(&slo_yaml(RATIO, "targetPercent: 99.5")));
    assert_ne!(base, generation(&slo_yaml(&RATIO.replace("place", "cancel"), "target: 0.999")));
}

#[test]
fn what_is_wrong_is_named_with_its_place() {
    let cases = [
        (
            slo_yaml(RATIO, "target: 1.0"),
            "a.yaml:15:15: spec.objectives[0].target: must be at least 0 and below 1: a target of 1 leaves no budget",
        ),
        (
            slo_yaml(RATIO, "{targetPercent: 99, target: 0.9}"),
            "a.yaml:15:7: spec.objectives[0]: must have exactly one of target, targetPercent",
        ),
        (
            slo_yaml(RATIO, "target: 0.9\n      tarket: 0.9"),
            "a.yaml:16:7: spec.objectives[0].tarket: is not known here; allowed: displayName, op, value, target, targetPercent, timeSliceTarget, timeSliceWindow, indicator, indicatorRef, compositeWeight",
        ),
        (
            slo_yaml(&RATIO.replace("not_error", "fine"), "target: 0.9"),
            "a.yaml:9:122: spec.indicator.spec.ratioMetric.good.metricSource.spec.status: \"fine\" is not known; allowed: not_error, error",
        ),
        (
            slo_yaml(RATIO, "target: 0.9").replace("name: orders", "name: Orders_1"),
            "a.yaml:4:9: metadata.name: \"Orders_1\" is not a name; allowed: 1 to 63 lower-case letters, digits and '-', beginning and ending with a letter or digit",
        ),
        (
            slo_yaml(RATIO, "target: 0.9").replace("30d", "30"),
            "a.yaml:11:17: spec.timeWindow[0].duration: must be a duration; allowed: a whole number above 0 and one of m, h, d, w, M, Q, Y",
        ),
        (
            slo_yaml(RATIO, "target: 0.9").replace("openslo/v1", "openslo/v2"),
            "a.yaml:1:13: apiVersion: \"openslo/v2\" is not known; allowed: openslo/v1",
        ),
        (
            slo_yaml(RATIO, "{target: 0.9, timeSliceWindow: 1m}").replace("Occurrences", "Timeslices"),
            "a.yaml:15:7: spec.objectives[0].timeSliceTarget: is required",
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(parse(&text).unwrap_err(), expected);
    }
    let two = format!("{}---\n{}", slo_yaml(RATIO, "target: 0.9"), slo_yaml(RATIO, "target: 2"));
    let errors = SloSet::parse([("a.yaml", two.as_str())]).unwrap_err().0;
    assert_eq!(errors.len(), 2, "all problems at once: {errors:?}");
    assert!(errors.iter().all(|e| e.line > 16));
    assert!(errors[0].problem.contains("there is another SLO named \"orders\" at a.yaml:1"));
    assert!(parse("kind: [").unwrap_err().starts_with("a.yaml:2:1: document: is not YAML"));
}

#[test]
fn what_cannot_be_computed_is_kept_with_a_reason() {
    let prometheus = RATIO.replace("type: headroom", "type: Prometheus");
    let text = slo_yaml(RATIO, "target: 0.9");
    let cases = [
        (slo_yaml(&prometheus, "target: 0.9"), "type Prometheus"),
        (text.replace("30d", "30m"), "shorter than an hour"),
        (text.replace("30d", "2Y"), "longer than the 400 days"),
        (text.replace("displayName: Orders", "annotations: {headroom.io/session: XTKS}"), "venue \"XTKS\""),
        (slo_yaml("indicatorRef: nowhere", "target: 0.9"), "\"nowhere\", which is in none of the files"),
        (text.replace("name: orders", "name: team/orders"), "addresses"),
        (text.replace("timeWindow:\n    - duration: 30d\n      isRolling: true\n  ", ""), "timeWindow"),
    ];
    for (text, word) in cases {
        let set = parse(&text).unwrap();
        let reason = set.slos[0].indicator.clone().unwrap_err();
        assert!(reason.contains(word), "{reason}");
    }
}

#[test]
fn many_documents_references_and_other_kinds() {
    let text = format!(
        "apiVersion: openslo/v1\nkind: Service\nmetadata: {{name: order, displayName: Order service, labels: {{team: [a, b], tier: one}}}}\nspec: {{description: x}}\n---\n---\n\
         apiVersion: openslo/v1\nkind: DataSource\nmetadata: {{name: own}}\nspec: {{type: headroom, connectionDetails: {{}}}}\n---\n\
         apiVersion: openslo/v1\nkind: SLI\nmetadata: {{name: fast}}\nspec: {{thresholdMetric: {{metricSource: {{metricSourceRef: own, spec: {{operation: place, measure: latency_ms}}}}}}}}\n---\n\
         apiVersion: openslo/v1\nkind: AlertPolicy\nmetadata: {{name: page}}\nspec: {{conditions: [{{conditionRef: fast}}], notificationTargets: [{{targetRef: ops}}]}}\n---\n{}",
        slo_yaml(
            "indicatorRef: fast",
            "op: lte\n      value: 250\n      target: 0.95\n    - {op: lt, value: 1000, target: 0.99}"
        )
    );
    let set = parse(&text).unwrap();
    assert_eq!(
        set.services,
        [Service { name: "order".to_owned(), display_name: "Order service".to_owned() }]
    );
    assert_eq!(set.kept.iter().map(|k| k.kind.as_str()).collect::<Vec<_>>(), ["DataSource", "AlertPolicy"]);
    let latency = |id: &str| match &set.get(id).unwrap().indicator {
        Ok(Indicator::Spans { part, .. }) => part.latency,
        other => panic!("{other:?}"),
    };
    assert_eq!(latency("orders"), Some(Latency::Below(250_000_000)));
    assert_eq!(latency("orders.2"), Some(Latency::Below(999_999_999)), "lt is not lte");
}

#[test]
fn operators_are_strict() {
    let sli =
        "indicator: {spec: {thresholdMetric: {metricSource: {type: headroom, spec: {measure: latency_ms}}}}}";
    let latency = |op: &str, value: f64| {
        let text = slo_yaml(sli, &format!("{{op: {op}, value: {value}, target: 0.9}}"));
        match &parse(&text).unwrap().slos[0].indicator {
            Ok(Indicator::Spans { part, .. }) => part.latency.unwrap(),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(latency("lte", 250.0), Latency::Below(250_000_000));
    assert_eq!(latency("lt", 250.0), Latency::Below(249_999_999));
    assert_eq!(latency("gt", 250.0), Latency::Above(250_000_000));
    assert_eq!(latency("gte", 250.0), Latency::Above(249_999_999));
    // Between two nanoseconds both operators say the same.
    assert_eq!(
        (latency("lt", 0.000_002_5), latency("lte", 0.000_002_5)),
        (Latency::Below(2), Latency::Below(2))
    );
    assert_eq!(latency("lte", 300.3), Latency::Below(300_300_000));
}

#[test]
fn event_ratios() {
    let text = "indicator: {spec: {ratioMetric: {counter: true, bad: {metricSource: {type: headroom, spec: {event: deposit.failed}}}, total: {metricSource: {type: headroom, spec: {event_in: [deposit.completed, deposit.failed]}}}}}}";
    let set = parse(&slo_yaml(text, "target: 0.99")).unwrap();
    let total = vec!["deposit.completed".to_owned(), "deposit.failed".to_owned()];
    let expected = Indicator::Events { service: None, part: total[1..].to_vec(), total, inverted: true };
    assert_eq!(set.slos[0].indicator, Ok(expected));
    let wrong = text.replace("event: deposit.failed", "event: deposit.lost");
    assert!(parse(&slo_yaml(&wrong, "target: 0.99")).unwrap_err().contains("that total does not"));
}

#[test]
fn requests_received_are_the_default() {
    let text = slo_yaml(
        &RATIO.replace("operation: place, ", "").replace("{operation: place}", "{service: order}"),
        "target: 0.9",
    );
    match &parse(&text).unwrap().slos[0].indicator {
        Ok(Indicator::Spans { scope, .. }) => assert_eq!(scope.kinds, ["server", "consumer"]),
        other => panic!("{other:?}"),
    }
}

#[test]
fn windows_annotations_and_policies() {
    let text = slo_yaml(RATIO, "target: 0.9")
        .replace("duration: 30d\n      isRolling: true", "duration: 1M\n      calendar: {startTime: 2026-01-01 00:00:00, timeZone: America/New_York}")
        .replace("displayName: Orders", "annotations:\n    headroom.io/session: xnys\n    headroom.io/runbook: https://run.book/orders\n    headroom.io/exclude: |\n      2026-01-04T02:00 2h FREQ=WEEKLY;BYDAY=SU Europe/Zurich\n      2026-07-03T00:00 1d")
        + "  alertPolicies:\n    - page\n    - kind: AlertPolicy\n      metadata: {name: own}\n      spec:\n        alertWhenResolved: true\n        conditions: [{conditionRef: fast}]\n        notificationTargets: [{targetRef: desk}, {targetRef: nobody}]\n\
---\napiVersion: openslo/v1\nkind: AlertCondition\nmetadata: {name: fast}\nspec: {severity: sev1, condition: {op: gt, threshold: 14.4, lookbackWindow: 1h, alertAfter: 5m}}\n\
---\napiVersion: openslo/v1\nkind: AlertNotificationTarget\nmetadata: {name: desk}\nspec: {target: slack}\n";
    let (set, findings) = read([("a.yaml", text.as_str())], &[]);
    assert_eq!(findings.faults, []);
    let slo = &set.slos[0];
    assert!(slo.indicator.is_ok() && !slo.hours_suffice());
    assert_eq!((slo.window.words().as_str(), slo.window.seconds), ("the month", 30 * 86_400));
    assert_eq!(slo.counting.venue.as_ref().unwrap().mic, "XNYS");
    assert_eq!(slo.counting.exclusions.len(), 2);
    assert_eq!(slo.runbook.as_deref(), Some("https://run.book/orders"));
    assert_eq!(slo.policies, ["page", "own"]);
    let policy = &set.policies[0];
    assert_eq!((policy.name.as_str(), policy.when_resolved, policy.when_breaching), ("own", true, false));
    assert_eq!(
        (policy.condition.op, policy.condition.lookback, policy.condition.after),
        (Op::Gt, 3_600, 300)
    );
    assert_eq!(policy.targets.len(), 1);
    let notes: Vec<&str> = findings.notes.iter().map(|note| note.path.as_str()).collect();
    assert_eq!(
        notes,
        ["spec.alertPolicies[0]", "spec.alertPolicies[1].spec.notificationTargets[1].targetRef"]
    );
}

#[test]
fn annotations_that_say_nothing_are_faults() {
    let fault = |annotation: &str| {
        let text = slo_yaml(RATIO, "target: 0.9")
            .replace("displayName: Orders", &format!("annotations: {{{annotation}}}"));
        parse(&text).unwrap_err()
    };
    insta::assert_snapshot!(fault("headroom.io/sesion: XNYS"), @"a.yaml:5:17: metadata.annotations.headroom.io/sesion: is not known; allowed: headroom.io/session, headroom.io/exclude, headroom.io/runbook");
    insta::assert_snapshot!(fault("headroom.io/runbook: page the desk"), @r#"a.yaml:5:38: metadata.annotations.headroom.io/runbook: "page the desk" is no address; allowed: https:// or http:// and what follows"#);
    insta::assert_snapshot!(fault("headroom.io/exclude: 2026-01-04 2h"), @r#"a.yaml:5:38: metadata.annotations.headroom.io/exclude: "2026-01-04" is not known in "2026-01-04 2h"; allowed: a start, a length, then a recurrence rule and a time zone, such as 2026-01-04T02:00 2h FREQ=WEEKLY;BYDAY=SU Europe/Zurich"#);
}

#[test]
fn metrics() {
    let read =
        |sli: &str, objective: &str| parse(&slo_yaml(&format!("indicator: {{spec: {{{sli}}}}}"), objective));
    let source = |spec: &str| format!("metricSource: {{type: headroom, spec: {{{spec}}}}}");
    let raw = format!(
        "ratioMetric: {{rawType: failure, raw: {{{}}}}}",
        source("metric: fills.failed, service: execution")
    );
    let set = read(&raw, "target: 0.99").unwrap();
    let expected = Indicator::Metric {
        metric: "fills.failed".to_owned(),
        attributes: BTreeMap::from([("service.name".to_owned(), "execution".to_owned())]),
        statistic: MetricStatistic::Avg,
        good: MetricGood::Ratio { is_failure: true },
    };
    assert_eq!(set.slos[0].indicator, Ok(expected));
    assert_eq!(set.slos[0].method, Method::RatioTimeslices { seconds: 60 });
    let fresh = format!(
        "thresholdMetric: {{{}}}",
        source("metric: prices.age, statistic: max, attributes: {feed: nyse}")
    );
    let set = read(&fresh, "{op: lt, value: 60, target: 0.99}").unwrap();
    let expected = Indicator::Metric {
        metric: "prices.age".to_owned(),
        attributes: BTreeMap::from([("feed".to_owned(), "nyse".to_owned())]),
        statistic: MetricStatistic::Max,
        good: MetricGood::Compared { op: Op::Lt, value: 60.0 },
    };
    assert_eq!((&set.slos[0].indicator, set.slos[0].method), (&Ok(expected), Method::Occurrences));
    assert!(read(&fresh, "target: 0.99").unwrap_err().contains("needs op and value"));
    let wrong = fresh.replace("statistic: max", "statistic: p99");
    insta::assert_snapshot!(read(&wrong, "{op: lt, value: 60, target: 0.99}").unwrap_err(), @r#"a.yaml:9:109: spec.indicator.spec.thresholdMetric.metricSource.spec.statistic: "p99" is not known; allowed: avg, max"#);
}

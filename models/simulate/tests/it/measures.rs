//! The measures, worked out by hand.

use chrono::{DateTime, Duration, Utc};
use headroom_simulate::hpa::Select;
use headroom_simulate::{Cluster, Demand, Hpa, Nodes, Outcome, Policy, Startup, Steps, run};

fn start() -> DateTime<Utc> {
    "2026-12-09T14:00:00Z".parse().unwrap()
}

fn at(second: i64) -> DateTime<Utc> {
    start() + Duration::seconds(second)
}

fn demand(stretches: &[(usize, f64)]) -> Demand {
    let counts: Vec<f64> = stretches.iter().flat_map(|(seconds, rate)| vec![*rate; *seconds]).collect();
    Demand::from_counts(start(), 1, &counts).unwrap()
}

fn cluster(min_replicas: u32, max_replicas: u32) -> Cluster {
    Cluster {
        hpa: Hpa { min_replicas, max_replicas, ..Hpa::default() },
        startup: Startup { replica_seconds: 30, nodes: None },
        replica_per_second: 1.0,
    }
}

/// So many replicas whatever comes: three requests a second for two minutes, then six for one.
fn fixed(replicas: u32) -> Outcome {
    let demand = demand(&[(120, 3.0), (60, 6.0)]);
    run(&demand, &cluster(replicas, replicas), Policy::Reactive, &[at(0), at(120), at(900)]).unwrap()
}

#[test]
fn four_replicas_for_a_need_of_three_and_then_six() {
    let four = fixed(4);
    assert_eq!((four.under_provisioned_seconds, four.longest_run_seconds), (60, 60));
    assert_eq!(
        (four.shortages.len(), four.shortages[0].start, four.shortages[0].unserved),
        (1, at(120), 120.0)
    );
    let near = |got: f64, wanted: f64| assert!((got - wanted).abs() < 1e-9, "{got} is not {wanted}");
    near(four.unserved_share, 120.0 / 720.0);
    near(four.replica_hours, 4.0 * 180.0 / 3600.0);
    near(four.over_provisioned_replica_hours, 120.0 / 3600.0);
    near(four.accuracy_under, 60.0 * (2.0 / 6.0) / 180.0);
    near(four.accuracy_over, 120.0 * (1.0 / 3.0) / 180.0);
    near(four.timeshare_under, 1.0 / 3.0);
    near(four.timeshare_over, 2.0 / 3.0);
    near(four.adaptations_per_hour + four.instability, 0.0);
    assert_eq!((four.events, four.events_hit, four.event_hit_rate()), (2, 1, Some(0.5)));
    let five = fixed(5);
    near(five.cost_ratio(&four), 1.25);
    // Half of the shortage for twice the surplus.
    near(five.elastic_speedup(&four).unwrap(), 1.0);
    assert_eq!(fixed(6).elastic_speedup(&four), None, "nothing is short with six");
}

#[test]
fn a_pre_scale_is_false_when_nothing_comes() {
    let floors = || Steps::new(vec![(at(300), 3), (at(60), 10), (at(0), 5)]);
    let outcome = |demand: &Demand| {
        let mut floors = floors();
        run(demand, &cluster(2, 100), Policy::Predictive(&mut floors), &[]).unwrap()
    };
    let nothing = outcome(&demand(&[(1200, 3.5)]));
    assert_eq!((nothing.pre_scales, nothing.false_pre_scales), (1, 1));
    assert!((nothing.false_pre_scales_per_week() - 504.0).abs() < 1e-9);
    let came = outcome(&demand(&[(150, 3.5), (1050, 7.0)]));
    assert_eq!((came.pre_scales, came.false_pre_scales, came.under_provisioned_seconds), (1, 0, 0));
}

#[test]
fn a_pre_scale_is_true_when_the_metric_sees_the_demand_after_the_plan_is_over() {
    // The floor ends with the demand, 30 s before the metric tells of its end.
    let demand = demand(&[(90, 3.5), (15, 7.0), (1095, 3.5)]);
    let mut floors = Steps::new(vec![(at(0), 5), (at(45), 10), (at(105), 5)]);
    let outcome = run(&demand, &cluster(2, 100), Policy::Predictive(&mut floors), &[]).unwrap();
    assert_eq!((outcome.pre_scales, outcome.false_pre_scales), (1, 0));
}

#[test]
fn nineteen_of_twenty_replicas_are_ready_for_an_event_and_eighteen_are_not() {
    let demand = demand(&[(60, 10.0), (120, 20.0)]);
    let hit = |replicas| {
        let outcome = run(&demand, &cluster(replicas, replicas), Policy::Reactive, &[at(60)]).unwrap();
        outcome.events_hit
    };
    assert_eq!((hit(18), hit(19), hit(20)), (0, 1, 1));
}

#[test]
fn a_node_comes_before_the_replicas_on_it() {
    let demand = demand(&[(300, 3.5), (900, 35.0)]);
    let nodes = Nodes { replicas: 10, start_seconds: 120, idle_seconds: 600 };
    let with = |nodes| Cluster { startup: Startup { replica_seconds: 30, nodes }, ..cluster(5, 100) };
    let roomy = run(&demand, &with(None), Policy::Reactive, &[]).unwrap();
    let tight = run(&demand, &with(Some(nodes)), Policy::Reactive, &[]).unwrap();
    assert_eq!(tight.under_provisioned_seconds, roomy.under_provisioned_seconds + 120);
    let mut steep = with(Some(nodes));
    steep.hpa = steep.hpa.with_steep_rises();
    let oracle = run(&demand, &steep, Policy::Oracle, &[]).unwrap();
    assert_eq!(oracle.under_provisioned_seconds, 0);
}

#[test]
fn what_has_no_meaning_is_refused_in_a_sentence() {
    let refused = |text: Result<Demand, headroom_simulate::Refused>| text.unwrap_err().to_string();
    insta::assert_snapshot!(refused(Demand::from_counts(start(), 60, &[1.0, -2.0])), @"the demand at 2026-12-09 14:01:00 UTC (value 2) is -2: it must be a number that is not negative");
    insta::assert_snapshot!(refused(Demand::from_counts(start(), 60, &[])), @"the demand series has no values: there is nothing to replay");
    insta::assert_snapshot!(refused(Demand::from_counts(start(), 0, &[1.0])), @"the step of a demand series must be at least one second");
    let nothing = Cluster { replica_per_second: 0.0, ..cluster(1, 2) };
    insta::assert_snapshot!(run(&demand(&[(10, 1.0)]), &nothing, Policy::Reactive, &[]).unwrap_err(), @"the requests a second that one replica serves must be a number above 0");
}

#[test]
fn no_demand_and_no_scaling_have_their_figures() {
    let mut still = cluster(3, 100);
    still.hpa.up.select = Select::Disabled;
    let outcome = run(&demand(&[(600, 0.0)]), &still, Policy::Reactive, &[]).unwrap();
    assert_eq!(
        (outcome.unserved_share, outcome.under_provisioned_seconds, outcome.event_hit_rate()),
        (0.0, 0, None)
    );
}

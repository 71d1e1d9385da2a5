//! The one rule for what is wanted now.

use std::collections::BTreeMap;
use std::time::Duration;

use headroom_scaler::{Ask, Bounds, Policy, Refusal, Source};
use proptest::prelude::*;

use crate::planner::{Planner, State, minutes};

fn with_fallback(fallback: u32) -> Policy {
    let bounds = Bounds { min: 2, max: 40, fallback: Some(fallback) };
    Policy { services: BTreeMap::from([("gateway".to_owned(), bounds)]), ..Policy::default() }
}

#[test]
fn a_plan_then_the_last_plan_then_the_fallback() {
    let planner = Planner::new();
    let desk = planner.desk(with_fallback(20));
    let ask = Ask::service("gateway");
    let told = || desk.answer(&ask).map(|a| (a.replicas, a.source)).unwrap();

    assert_eq!(told(), (12, Source::Plan));
    planner.set(State::Down);
    assert_eq!(told(), (12, Source::LastPlan));
    planner.pass(minutes(115));
    assert_eq!(told(), (31, Source::LastPlan), "the last plan is carried on by its own steps");
    insta::assert_snapshot!(desk.answer(&ask).unwrap().reason, @"last plan, 115 min old, because plans cannot be read: the store does not answer: FOMC 14:00 ET, class median 2.7x, q0.95, 12 -> 31 replicas by 13:52");
    planner.pass(minutes(24 * 60));
    assert_eq!(told(), (20, Source::Fallback));
    insta::assert_snapshot!(desk.answer(&ask).unwrap().reason, @"fallback of 20 replicas, because plans cannot be read: the store does not answer");
    planner.set(State::Working);
    assert_eq!(told().1, Source::Plan, "the outage is over");
}

#[test]
fn a_plan_that_calls_itself_stale_is_told_as_the_last_one() {
    let planner = Planner::new();
    planner.set(State::Stale);
    let desk = planner.desk(Policy::default());
    let answer = desk.answer(&Ask::service("gateway")).unwrap();
    assert_eq!((answer.replicas, answer.source), (12, Source::LastPlan));
}

#[test]
fn without_anything_to_stand_on_the_question_is_refused() {
    let planner = Planner::new();
    planner.set(State::Starting);
    let desk = planner.desk(Policy::default());
    let refused = |ask: &Ask| desk.answer(ask).unwrap_err().to_string();
    insta::assert_snapshot!(refused(&Ask::service("gateway")), @"Headroom has just started and waits for the first plan of `gateway` (no plan of service `gateway` has been made yet: the first forecast is being made): ask again");
    let own = Ask { fallback: Some(7), ..Ask::service("gateway") };
    assert!(matches!(desk.answer(&own), Err(Refusal::Unavailable(_))), "a restart does not scale in");
    planner.pass(minutes(2));
    insta::assert_snapshot!(refused(&Ask::service("gateway")), @"nothing can be said about `gateway`: no plan of service `gateway` has been made yet: the first forecast is being made, and no fallback is stated; state one under [scaler.fallback], or with fallbackReplicas in the trigger's metadata");
    assert_eq!(desk.answer(&own).unwrap().replicas, 7);
}

#[test]
fn bounds_hold_and_contradictions_are_refused() {
    let planner = Planner::new();
    let desk = planner.desk(with_fallback(20));
    let ask = |min, max| Ask { min, max, ..Ask::service("gateway") };
    let told = |ask: &Ask| desk.answer(ask).map(|a| (a.planned, a.replicas));
    assert_eq!(told(&ask(Some(15), None)), Ok((12, 15)));
    assert_eq!(told(&ask(None, Some(5))), Ok((12, 5)));
    planner.plan(90);
    assert_eq!(told(&ask(None, Some(400))), Ok((90, 40)), "the budget is the policy's");
    planner.plan(0);
    assert_eq!(told(&ask(None, None)), Ok((0, 2)));
    insta::assert_snapshot!(told(&ask(Some(50), None)).unwrap_err(), @"minReplicas 50 is above maxReplicas 40 of `gateway`: Headroom allows 2 to 40");
}

#[test]
fn a_step_within_the_autoscalers_tolerance_is_told_past_it() {
    let planner = Planner::new();
    let desk = planner.desk(Policy::default());
    let told = |replicas| {
        planner.plan(replicas);
        desk.answer(&Ask::service("gateway")).unwrap().replicas
    };
    assert_eq!([50, 53, 53, 50].map(told), [50, 56, 56, 50]);
}

#[test]
fn other_names_and_quantiles_are_refused_with_what_to_do() {
    let planner = Planner::new();
    let desk = planner.desk(Policy::default());
    let refused = |ask: &Ask| desk.answer(ask).unwrap_err().to_string();
    insta::assert_snapshot!(refused(&Ask::service("orders")), @"service `orders` is not planned: add [models.services.orders] with requests_per_minute to Headroom's configuration, or name one of: gateway");
    let mut ask = Ask::service("gateway");
    ask.target.quantile = Some(0.7);
    insta::assert_snapshot!(refused(&ask), @"service `gateway` is not planned at quantile 0.7: leave it out, or take one of: 0.5, 0.95");
}

#[derive(Debug, Clone, Copy)]
enum Turn {
    Plan(u32),
    State(State),
    Pass(i64),
}

fn turn() -> impl Strategy<Value = Turn> {
    let state = prop::sample::select(vec![State::Working, State::Stale, State::Down, State::Starting]);
    prop_oneof![
        (0_u32..300).prop_map(Turn::Plan),
        state.prop_map(Turn::State),
        (0_i64..2000).prop_map(Turn::Pass)
    ]
}

proptest! {
    /// Whatever happens, an answer is at least 1, within the bounds, the same when asked again, and not below a
    /// fresh plan within the bounds.
    #[test]
    fn never_zero_and_never_below_the_plan(
        turns in prop::collection::vec(turn(), 1..40),
        min in 0_u32..20, more in 0_u32..200, fallback in prop::option::of(0_u32..300),
    ) {
        let bounds = Bounds { min, max: min + more, fallback };
        let policy = Policy { others: bounds, settle: Duration::ZERO, ..Policy::default() };
        let planner = Planner::new();
        let desk = planner.desk(policy);
        for turn in turns {
            match turn {
                Turn::Plan(replicas) => planner.plan(replicas),
                Turn::State(state) => planner.set(state),
                Turn::Pass(time) => planner.pass(minutes(time)),
            }
            match desk.answer(&Ask::service("gateway")) {
                Ok(answer) => {
                    prop_assert!(answer.replicas >= min.max(1) && answer.replicas <= bounds.max.max(1));
                    prop_assert!(answer.replicas >= bounds.clamp(answer.planned));
                    prop_assert!(!answer.reason.is_empty());
                    let again = desk.answer(&Ask::service("gateway")).unwrap();
                    prop_assert_eq!(again.replicas, answer.replicas);
                }
                Err(refusal) => {
                    prop_assert!(matches!(refusal, Refusal::Unavailable(_)) && fallback.is_none(), "{}", refusal);
                }
            }
        }
    }
}

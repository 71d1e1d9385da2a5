//! Budgets that run out, and what was agreed to follow.

use std::sync::Arc;

use chrono::TimeDelta;
use headroom_alerts::{AlertsConfig, Deliverer, Evaluator, Routing, slo_page};
use headroom_control::{AlertState, Control};
use headroom_query::TimeRange;
use headroom_store::Clock as _;

use crate::promises::{JOURNEY, set};
use crate::support::{Receiver, SECRET, TENANT, events, noon, order_slo};
use crate::world::World;

const POLICY: &str = "[[budget_policies]]\nname = 'standard'\nmatchers = ['service=\"order\"']\n\
    [[budget_policies.steps]]\nname = 'owners'\nbudget_at_most = 0.25\nalert = 'The owners look at it'\nok = 'Enough is left again'\n\
    [[budget_policies.steps]]\nname = 'freeze'\nbudget_at_most = 0\neffect = 'freeze'\nseverity = 'major'\nalert = 'Only fixes are released'\nok = 'Releases go on'\n\
    [[budget_policies.steps]]\nname = 'hour'\nburn_above = 1.5\nover = '1h'\nalert = 'Somebody works on it'\nok = 'As before'\n\
    [[budget_policies]]\nname = 'others'\nmatchers = ['service=\"risk\"']\n\
    [[budget_policies.steps]]\nname = 'never'\nbudget_at_most = 0.99\nalert = 'a'\nok = 'o'\n";

fn config(receiver: &Receiver, policy: &str) -> AlertsConfig {
    let hook = format!(
        "[[webhooks]]\nname = 'ops'\nurl = 'http://{}/hook'\nsecret = '{SECRET}'\nallow_networks = ['127.0.0.1']\n",
        receiver.address
    );
    toml::from_str(&format!("{hook}{policy}")).unwrap()
}

/// Step, and whether it holds, of all times of it, the oldest first.
fn journey(control: &Control) -> Vec<(String, bool)> {
    let mut steps = control.budget_steps(TENANT, "orders", 100).unwrap();
    steps.sort_by(|a, b| (a.begun_at, &a.step).cmp(&(b.begun_at, &b.step)));
    steps.into_iter().map(|step| (step.step, step.ended_at.is_none())).collect()
}

fn owned(steps: &[(&str, bool)]) -> Vec<(String, bool)> {
    steps.iter().map(|(step, holds)| ((*step).to_owned(), *holds)).collect()
}

#[tokio::test]
async fn steps_begin_and_end_with_the_budget_and_are_told_once() {
    let receiver = Receiver::start().await;
    let config = config(&receiver, POLICY);
    config.check().unwrap();
    // A tenth may fail.
    let mut world = World::new(config.clone(), order_slo(0.9)).await;
    world.pass(60, 100, 0).await;
    world.tick().await;
    assert_eq!(journey(&world.control), []);
    // 1,000 of 8,000 fail: 12.5 %, which is more than the budget; over the last hour 1.67 times too fast.
    world.pass(10, 100, 50).await;
    world.tick().await;
    assert_eq!(journey(&world.control), [], "500 of 7,000: 29 % of the budget is left");
    world.pass(10, 100, 50).await;
    // A second evaluator of the same state changes nothing.
    let mut second = Evaluator::new(
        config.clone(),
        order_slo(0.9),
        world.store.clone(),
        world.control.clone(),
        world.clock.clone(),
        TENANT,
    );
    let first = world.evaluator.tick().await.unwrap();
    assert_eq!(first.messages, 3, "each step is a message of its own");
    assert_eq!(second.tick().await.unwrap().messages, 0);
    assert_eq!(journey(&world.control), owned(&[("freeze", true), ("hour", true), ("owners", true)]));

    let frozen = world.control.freezes(TENANT, "order").unwrap();
    assert_eq!(frozen.len(), 1);
    assert_eq!(
        frozen[0].began,
        "Orders: Only fixes are released (the budget is overspent by 25 % of its size)"
    );
    let firing = world.control.list_alerts(TENANT, Some(AlertState::Firing), 10).unwrap();
    assert_eq!(firing.len(), 3, "no rule of the objective itself can fire at a target of 90 %");

    // Good hours bring it back: 1,000 of 20,000 fail, half of the budget.
    world.pass(120, 100, 0).await;
    world.tick().await;
    assert_eq!(journey(&world.control), owned(&[("freeze", false), ("hour", false), ("owners", false)]));
    assert!(world.control.freezes(TENANT, "order").unwrap().is_empty());

    // The sender lets time pass between evaluations.
    world.clock.advance(TimeDelta::seconds(1));
    let routing = Routing::new(&config, world.control.clone(), TENANT);
    routing.tick(world.clock.now()).unwrap();
    let deliverer = Deliverer::new(config.receivers(), world.control.clone(), world.clock.clone()).unwrap();
    for _ in 0..2 {
        deliverer.round().await.unwrap();
    }
    let mut told: Vec<String> = receiver
        .got()
        .iter()
        .map(|got| {
            let alert = &got.body["data"]["alerts"][0];
            let label = |name: &str| alert["labels"][name].as_str().unwrap().to_owned();
            let summary = alert["annotations"]["summary"].as_str().unwrap();
            format!("{} {} {} {}: {summary}", got.kind(), label("policy"), label("effect"), label("severity"))
        })
        .collect();
    told.sort();
    insta::assert_snapshot!(told.join("\n"), @r"
    alert.firing standard freeze major: Orders: Only fixes are released (the budget is overspent by 25 % of its size)
    alert.firing standard tell warning: Orders: Somebody works on it (it burns at 1.7x the allowed rate over 1 hour)
    alert.firing standard tell warning: Orders: The owners look at it (the budget is overspent by 25 % of its size)
    alert.resolved standard freeze major: Orders: Releases go on (50 % of the budget is left)
    alert.resolved standard tell warning: Orders: As before (it burns at 0.0x the allowed rate over 1 hour)
    alert.resolved standard tell warning: Orders: Enough is left again (50 % of the budget is left)
    ");
}

#[tokio::test]
async fn the_page_shows_what_was_agreed_and_what_holds() {
    let receiver = Receiver::start().await;
    let config = config(&receiver, POLICY);
    let set = order_slo(0.9);
    let mut world = World::new(config.clone(), Arc::clone(&set)).await;
    world.pass(60, 100, 0).await;
    world.pass(20, 100, 50).await;
    world.tick().await;
    let routing = Routing::new(&config, world.control.clone(), TENANT);
    let now = world.clock.now();
    let range = TimeRange::new(now - TimeDelta::hours(2), now).unwrap();
    let page =
        slo_page(&world.store, &routing, &set, set.promise("orders").unwrap(), &range, now).await.unwrap();
    assert_eq!(page.budget_policies.len(), 1, "the other policy is another service's");
    let steps: Vec<_> =
        page.budget_policies[0].steps.iter().map(|s| (s.step.as_str(), s.when.as_str(), s.since)).collect();
    let expected = [
        ("owners", "25 % of the budget is left, or less", Some(now)),
        ("freeze", "the budget is spent", Some(now)),
        ("hour", "it burns above 1.5x over 1 hour", Some(now)),
    ];
    assert_eq!(steps, expected);
    assert_eq!(page.budget_steps.len(), 3);
    let other = routing.of("other").budget_policies_of(&set, &set.promise("orders").unwrap()).unwrap();
    assert!(
        other.1.is_empty() && other.0[0].steps.iter().all(|step| step.since.is_none()),
        "nothing of other tenants"
    );
}

#[tokio::test]
async fn what_is_taken_out_of_the_configuration_ends() {
    let receiver = Receiver::start().await;
    let mut world = World::new(config(&receiver, POLICY), order_slo(0.9)).await;
    world.pass(60, 100, 0).await;
    world.pass(20, 100, 50).await;
    world.tick().await;
    assert_eq!(world.control.freezes(TENANT, "order").unwrap().len(), 1);
    let (store, control, clock) = (world.store.clone(), world.control.clone(), world.clock.clone());
    let without = config(&receiver, "");
    let mut without = Evaluator::new(without, order_slo(0.9), store, control, clock, TENANT);
    without.tick().await.unwrap();
    assert!(world.control.freezes(TENANT, "order").unwrap().is_empty());
    let ended = world.control.budget_steps(TENANT, "orders", 1).unwrap().remove(0);
    assert_eq!(
        ended.ended.as_deref(),
        Some("Over: the policy or the objective was taken out of the configuration")
    );
    assert_eq!(without.tick().await.unwrap().messages, 0);
}

#[tokio::test]
async fn a_journey_is_held_to_it_as_a_whole_and_its_parts_are_not() {
    let receiver = Receiver::start().await;
    let config = config(
        &receiver,
        "[[budget_policies]]\nname = 'all'\n\
        [[budget_policies.steps]]\nname = 'spent'\nbudget_at_most = 0\neffect = 'freeze'\nalert = 'a'\nok = 'o'\n\
        [[budget_policies.steps]]\nname = 'hour'\nburn_above = 23\nover = '1h'\nalert = 'a'\nok = 'o'\n\
        [[budget_policies.steps]]\nname = 'faster'\nburn_above = 24\nover = '1h'\nalert = 'a'\nok = 'o'\n",
    );
    let set = set(JOURNEY);
    let mut world = World::new(config.clone(), Arc::clone(&set)).await;
    for minute in 0..60 {
        let at = noon() - TimeDelta::seconds(60) + TimeDelta::minutes(minute);
        events(&world.store, at, "deposit.completed", 10, &format!("d{minute}-")).await;
    }
    world.pass(60, 100, 10).await;
    world.tick().await;
    let held = |slo: &str| {
        let steps = world.control.budget_steps(TENANT, slo, 9).unwrap();
        let mut steps: Vec<_> = steps.into_iter().map(|step| step.step).collect();
        steps.sort();
        steps
    };
    // It burns at 0.075 / 0.00325 = 23.1, and its first part alone at a hundred.
    assert_eq!(held("journey"), ["hour", "spent"]);
    assert_eq!(held("journey.1"), Vec::<String>::new());
    assert_eq!(world.control.freezes(TENANT, "order").unwrap().len(), 1);
    let routing = Routing::new(&config, world.control.clone(), TENANT);
    let policies = |slo: &str| routing.budget_policies_of(&set, &set.promise(slo).unwrap()).unwrap().0.len();
    assert_eq!((policies("journey"), policies("journey.1")), (1, 0));
}

//! A new version that fails, and the remedy that is asked for.

use chrono::{DateTime, TimeDelta, Utc};
use headroom_alerts::{Actions, AlertsConfig, Deliverer, Evaluator, Routing};
use headroom_control::{AuditFilter, Control, DeliveryState};
use headroom_store::{Clock as _, Store, literal};

use crate::promises::policy;
use crate::support::{Receiver, SECRET, TENANT, order_slo};
use crate::world::World;

/// `rate` requests a minute of a version, of which `bad` fail.
async fn requests(store: &Store, from: DateTime<Utc>, minutes: i64, version: &str, rate: u32, bad: u32) {
    let salt = literal::string(&format!("{version} {from}"));
    let sql = format!(
        "INSERT INTO {table} (tenant, service, operation, kind, status, version, ts, duration_ns, trace_id, span_id) \
         SELECT '{TENANT}', 'order', 'POST /orders', 'server', if(number % {rate} < {bad}, 'error', 'ok'), {version}, \
         {from} + toIntervalSecond(intDiv(number, {rate}) * 60 + number % 60), 20000000, \
         unhex(leftPad(hex(cityHash64(number, {salt})), 32, '0')), unhex(leftPad(hex(cityHash64(number, {salt}, 1)), 16, '0')) \
         FROM numbers({count})",
        table = store.table("spans"),
        version = literal::string(version),
        from = literal::ts(from),
        count = minutes * i64::from(rate),
    );
    store.execute(&sql).await.unwrap();
}

/// Minutes of both versions, 50 requests a minute each, of which so many of the new one fail.
async fn both(world: &World, minutes: i64, bad: u32) {
    let from = world.clock.now() - TimeDelta::seconds(60);
    requests(&world.store, from, minutes, "1.0", 50, 0).await;
    requests(&world.store, from, minutes, "2.0", 50, bad).await;
    world.clock.advance(TimeDelta::minutes(minutes));
}

async fn old(world: &World, minutes: i64, bad: u32) {
    requests(&world.store, world.clock.now() - TimeDelta::seconds(60), minutes, "1.0", 100, bad).await;
    world.clock.advance(TimeDelta::minutes(minutes));
}

fn config(receiver: &Receiver, more: &str) -> AlertsConfig {
    toml::from_str(&format!(
        "[[actions]]\nname = 'rollback'\nurl = 'http://{}/rollback'\nsecrets = ['{SECRET}']\nallow_networks = ['127.0.0.1']\n\
         matchers = ['service=\"order\"']\n{more}",
        receiver.address
    ))
    .unwrap()
}

/// What is on record of actions, the oldest first.
fn record(control: &Control) -> Vec<String> {
    let mut rows: Vec<_> =
        control.audit_rows(&AuditFilter::default(), 100).unwrap().into_iter().map(|row| row.action).collect();
    rows.reverse();
    rows
}

fn actions(config: &AlertsConfig, world: &World) -> Actions {
    Actions::new(config, world.control.clone(), TENANT)
}

fn deliverer(config: &AlertsConfig, world: &World) -> Deliverer {
    let deliverer = Deliverer::new(config.receivers(), world.control.clone(), world.clock.clone()).unwrap();
    deliverer.with_actions(&config.actions).unwrap()
}

/// An hour of the old version, then ten minutes of both in which the new one fails; evaluated.
async fn bad_release(config: &AlertsConfig) -> World {
    let mut world = World::new(config.clone(), order_slo(0.999)).await;
    old(&world, 60, 0).await;
    both(&world, 10, 20).await;
    assert_eq!(world.tick().await, 1);
    world
}

#[tokio::test]
async fn burn_and_canary_ask_for_it_once_signed_and_on_record() {
    let receiver = Receiver::start().await;
    let config = config(&receiver, "dry_run = false");
    let mut world = bad_release(&config).await;
    assert_eq!(record(&world.control), ["action.done"]);
    // The same evaluator, another one, and one after a restart.
    world.tick().await;
    let (store, control, clock) = (world.store.clone(), world.control.clone(), world.clock.clone());
    let mut second = Evaluator::new(config.clone(), order_slo(0.999), store, control, clock, TENANT);
    second.tick().await.unwrap();
    assert_eq!(record(&world.control), ["action.done"]);

    let deliverer = deliverer(&config, &world);
    receiver.answer(503, None);
    assert_eq!(deliverer.round().await.unwrap().failed, 1);
    world.clock.advance(TimeDelta::minutes(2));
    assert_eq!(deliverer.round().await.unwrap().delivered, 1);
    let got = receiver.got();
    assert_eq!(got.len(), 2);
    assert_eq!((&got[0].id, &got[0].raw), (&got[1].id, &got[1].raw), "the same at every attempt");
    assert!(got[0].id.starts_with("act_"), "{}", got[0].id);
    let body = &got[1].body;
    assert_eq!(
        (body["type"].as_str(), body["data"]["service"].as_str()),
        (Some("action.run"), Some("order"))
    );
    assert_eq!(
        (body["data"]["candidate"].as_str(), body["data"]["baseline"].as_str()),
        (Some("2.0"), Some("1.0"))
    );
    assert_eq!(body["data"]["alert"]["labels"]["severity"], "critical");
    assert!(body["data"]["signals"]["canary"].as_str().unwrap().contains("failed requests"), "{body}");
    let row = world.control.audit_rows(&AuditFilter::default(), 1).unwrap().remove(0);
    assert_eq!((row.actor.as_str(), row.subject.as_str()), ("headroom", "rollback"));
    assert!(
        row.reason.starts_with("Orders: Burning") && row.reason.contains("2.0 beside 1.0"),
        "{}",
        row.reason
    );
    world.control.audit_verify().unwrap();
}

#[tokio::test]
async fn a_rehearsal_which_is_the_default_sends_nothing() {
    let receiver = Receiver::start().await;
    let config = config(&receiver, "");
    assert!(config.actions[0].action.dry_run);
    let world = bad_release(&config).await;
    assert_eq!(record(&world.control), ["action.dry"]);
    assert!(world.control.list_deliveries(None, 10).unwrap().is_empty());
    let list = actions(&config, &world).list(world.clock.now()).unwrap();
    assert_eq!((list.actions[0].runs_last_hour, list.actions[0].decisions.len()), (1, 1));
}

#[tokio::test]
async fn a_burn_alone_is_not_enough() {
    let receiver = Receiver::start().await;
    let config = config(&receiver, "dry_run = false");
    let mut world = World::new(config.clone(), order_slo(0.999)).await;
    old(&world, 60, 0).await;
    old(&world, 10, 20).await;
    assert_eq!(world.tick().await, 1);
    world.tick().await;
    assert_eq!(record(&world.control), ["action.refused_signals"], "once");
    assert!(world.control.list_deliveries(None, 10).unwrap().is_empty());
    let row = world.control.audit_rows(&AuditFilter::default(), 1).unwrap().remove(0);
    assert_eq!(row.reason, "it needs burn and canary, and there is no canary");
}

#[tokio::test]
async fn a_version_that_replaced_the_old_one_is_known_by_the_deployment() {
    let receiver = Receiver::start().await;
    let config = config(&receiver, "dry_run = false\nsignals = ['burn', 'deploy']");
    let mut world = World::new(config.clone(), order_slo(0.999)).await;
    old(&world, 60, 0).await;
    let from = world.clock.now() - TimeDelta::seconds(60);
    requests(&world.store, from, 10, "2.0", 100, 20).await;
    world.clock.advance(TimeDelta::minutes(10));
    assert_eq!(world.tick().await, 1);
    assert_eq!(record(&world.control), ["action.done"]);
    let reason = world.control.audit_rows(&AuditFilter::default(), 1).unwrap().remove(0).reason;
    assert!(reason.ends_with("20.0 % of its requests fail, of the version before it 0.0 %"), "{reason}");
}

#[tokio::test]
async fn one_that_does_not_help_is_off_until_a_person_turns_it_on() {
    let receiver = Receiver::start().await;
    let config = config(&receiver, "dry_run = false");
    let mut world = bad_release(&config).await;
    both(&world, 16, 20).await;
    world.tick().await;
    assert_eq!(record(&world.control), ["action.done", "action.did_not_help"]);
    let actions = actions(&config, &world);
    let now = world.clock.now();
    let off = actions.list(now).unwrap().actions.remove(0).disabled.unwrap();
    assert_eq!((off.by.as_str(), off.at), ("headroom", now));
    // Nobody took the message meanwhile; now it is too late for it.
    assert_eq!(deliverer(&config, &world).round().await.unwrap().dead, 1);
    assert!(receiver.got().is_empty());

    assert!(actions.turn("restart", true, "dana", "", now).unwrap().is_none());
    let on = actions.turn("rollback", true, "dana", "the hook was wrong", now).unwrap().unwrap();
    assert_eq!(on.disabled, None);
    assert_eq!(record(&world.control).last().map(String::as_str), Some("action.enable"));
    world.tick().await;
    assert_eq!(record(&world.control).len(), 3, "it ran for this alert");
}

#[tokio::test]
async fn one_that_helps_stays_on_and_cools_down() {
    let receiver = Receiver::start().await;
    let config = config(&receiver, "dry_run = false");
    let mut world = bad_release(&config).await;
    old(&world, 16, 0).await;
    world.tick().await;
    assert_eq!(record(&world.control), ["action.done", "action.helped"]);
    assert_eq!(actions(&config, &world).list(world.clock.now()).unwrap().actions[0].disabled, None);
}

#[tokio::test]
async fn turning_it_off_takes_back_what_waits() {
    let receiver = Receiver::start().await;
    let config = config(&receiver, "dry_run = false");
    let world = bad_release(&config).await;
    let off = actions(&config, &world)
        .turn("rollback", false, "dana", "not now", world.clock.now())
        .unwrap()
        .unwrap();
    assert_eq!(off.disabled.unwrap().why, "not now");
    deliverer(&config, &world).round().await.unwrap();
    assert!(receiver.got().is_empty());
    let dead = world.control.list_deliveries(Some(DeliveryState::Dead), 10).unwrap();
    assert_eq!(dead[0].last_error.as_deref(), Some("the action was turned off"));
    Routing::new(&config, world.control.clone(), TENANT).undelivered(world.clock.now()).unwrap();
    assert_eq!(world.control.open_alerts(TENANT).unwrap().len(), 1, "nobody failed to get it");
    assert_eq!(record(&world.control), ["action.done", "action.disable"]);
}

#[tokio::test]
async fn a_silenced_alert_is_left_alone() {
    let receiver = Receiver::start().await;
    let config = config(&receiver, "dry_run = false");
    let mut world = World::new(config.clone(), order_slo(0.999)).await;
    let silence = serde_json::json!({"matchers": ["service=\"order\""],
        "window": {"once": {"from": world.clock.now(), "until": world.clock.now() + TimeDelta::days(1)}}});
    world.control.add_silence(TENANT, &silence, "tape change", None, "dana", world.clock.now()).unwrap();
    old(&world, 60, 0).await;
    both(&world, 10, 20).await;
    assert_eq!(world.tick().await, 1);
    assert_eq!(record(&world.control), ["action.refused_silenced"]);
}

#[tokio::test]
async fn what_a_policy_of_openslo_tells_asks_for_nothing() {
    let receiver = Receiver::start().await;
    let config = config(&receiver, "dry_run = false");
    let mut world = World::new(config, policy("alertWhenBreaching: true")).await;
    old(&world, 60, 0).await;
    world.tick().await;
    for minutes in [10, 3] {
        both(&world, minutes, 25).await;
        world.tick().await;
    }
    assert_eq!(world.control.open_alerts(TENANT).unwrap().len(), 1, "the policy's");
    assert_eq!(record(&world.control), Vec::<String>::new());
}

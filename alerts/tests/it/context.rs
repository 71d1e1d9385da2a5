//! What a page says beside its sentence.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use headroom_alerts::{AlertsConfig, Deliverer, Evaluator, MarketEvents, Routing};
use headroom_control::Control;
use headroom_store::testing::counting_store as store;
use headroom_store::{Clock as _, ManualClock, Store, literal};

use crate::support::{Catcher, TENANT, noon, order_slo, spans};

/// Requests of version 2.0 that fail, each of another customer who wanted to buy for 100 EUR.
async fn failing(store: &Store, from: DateTime<Utc>, count: u32) {
    let id = "unhex(leftPad(hex(number + 1), 32, '0'))";
    let at = format!("{} + toIntervalSecond(number)", literal::ts(from));
    let spans = format!(
        "INSERT INTO {} (tenant, service, operation, kind, status, ts, duration_ns, version, customer_id, trace_id, span_id) \
         SELECT '{TENANT}', 'order', 'POST /orders', 'server', 'error', {at}, 1000000 * (number + 1), '2.0', \
         concat('cus-', toString(number)), {id}, unhex(leftPad(hex(number + 1), 16, '0')) FROM numbers({count})",
        store.table("spans"),
    );
    store.execute(&spans).await.unwrap();
    let events = format!(
        "INSERT INTO {} (tenant, name, ts, event_id, service, customer_id, order_id, currency, amount, trace_id) \
         SELECT '{TENANT}', 'order.placed', {at}, concat('e', toString(number)), 'order', concat('cus-', toString(number)), \
         concat('ord-', toString(number)), 'EUR', 100, {id} FROM numbers({count})",
        store.table("events"),
    );
    store.execute(&events).await.unwrap();
    let changed = format!(
        "INSERT INTO {} (tenant, name, ts, event_id, service, attributes) \
         VALUES ('{TENANT}', 'config.changed', {}, 'c1', 'order', map('what', 'risk limit halved'))",
        store.table("events"),
        literal::ts(from - TimeDelta::minutes(2)),
    );
    store.execute(&changed).await.unwrap();
}

#[tokio::test]
async fn a_page_says_who_is_hit_what_changed_and_where_to_look() {
    let catcher = Catcher::start().await;
    let config: AlertsConfig = toml::from_str(&format!(
        "external_url = 'https://headroom.example.com'\n[[targets]]\nname = 'ops'\nkind = 'slack'\n\
         url = 'http://{}/'\nallow_networks = ['127.0.0.1']",
        catcher.address
    ))
    .unwrap();
    let (store, control) = (store().await, Control::in_memory().unwrap());
    let clock = Arc::new(ManualClock::new(noon()));
    let now = clock.now();
    spans(&store, now - TimeDelta::minutes(61), now - TimeDelta::minutes(6), 100, 0, 20).await;
    spans(&store, now - TimeDelta::minutes(6), now, 100, 50, 20).await;
    failing(&store, now - TimeDelta::minutes(6), 300).await;
    let market =
        MarketEvents::new(move |from, _| vec![(from + TimeDelta::minutes(30), "NYSE opens".to_owned())]);
    let mut evaluator = Evaluator::new(
        config.clone(),
        order_slo(0.999),
        store.clone(),
        control.clone(),
        clock.clone(),
        TENANT,
    )
    .with_market(market);
    let tick = evaluator.tick().await.unwrap();
    assert_eq!((tick.transitions, tick.messages), (1, 1), "{:?}", tick.failed);

    let told = &control.list_deliveries(None, 1).unwrap()[0].payload;
    assert_eq!(told["impact"]["customers"], serde_json::json!({"hit": 300, "of": 300}));
    assert_eq!(told["impact"]["transactions"], serde_json::json!({"hit": 300, "of": 300}));
    assert_eq!(told["impact"]["money"]["currency"], "EUR");
    assert!(told["impact"]["money"]["amount"].as_str().unwrap().starts_with("30000"), "{told}");
    let changes: Vec<String> = told["changes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|change| format!("{}: {}", change["kind"].as_str().unwrap(), change["what"].as_str().unwrap()))
        .collect();
    assert_eq!(changes.last().map(String::as_str), Some("market: NYSE opens"), "{changes:?}");
    assert!(changes.contains(&"config: risk limit halved".to_owned()), "{changes:?}");
    let traces = told["traces"].as_array().unwrap();
    assert_eq!(traces.len(), 3);
    let slowest = format!("https://headroom.example.com/traces/{:032x}", 300);
    assert_eq!(traces[0]["url"], slowest.as_str());
    assert_eq!(told["page"], "https://headroom.example.com/slos/orders");

    // It is due at once: nothing waits for what is known already.
    let deliverer = Deliverer::new(config.receivers(), control.clone(), clock.clone()).unwrap();
    assert_eq!(deliverer.round().await.unwrap().delivered, 1);
    let (_, message) = catcher.got().remove(0);
    assert!(message.to_string().contains("300 customers (100.0 % of 300)"), "{message}");

    // The same stands in the list of alerts.
    let routing = Routing::new(&config, control.clone(), TENANT);
    let listed = serde_json::to_value(&routing.list(None, 10).unwrap().alerts[0]).unwrap();
    let context = &listed["context"];
    assert_eq!(context["customers"], told["impact"]["customers"]);
    assert_eq!(context["transactions"], told["impact"]["transactions"]);
    assert_eq!(context["money"], told["impact"]["money"]);
    assert_eq!(context["changes"], told["changes"]);
    assert_eq!(context["traces"], told["traces"]);
    assert_eq!(context["differences"], told["differences"]);
    assert_eq!(context["dora"]["met"], serde_json::json!(["clients, counterparts or transactions"]));
    assert_eq!(
        (&listed["labels"]["slo"], &listed["labels"]["service"]),
        (&listed["slo"], &listed["service"])
    );
    let elsewhere = routing.of("another");
    assert_eq!(elsewhere.list(None, 10).unwrap().alerts.len(), 0);
    let of_nobody = elsewhere.body(control.open_alerts(TENANT).unwrap().remove(0)).unwrap();
    assert_eq!(of_nobody.context, None, "what one tenant remembers is not told to another");

    // All customers of a day are hit: the ladder's limits are far behind.
    let open = control.open_alerts(TENANT).unwrap();
    assert_eq!(open[0].severity, "critical");
}

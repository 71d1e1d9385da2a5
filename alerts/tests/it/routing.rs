//! Who is told what and when, from an alert to a receiver.

use std::sync::Arc;

use chrono::TimeDelta;
use headroom_alerts::{AlertsConfig, Deliverer, Routing};
use headroom_control::{Control, DeliveryState};
use headroom_delivery::{Alert, Labels, Status};
use headroom_store::{Clock as _, ManualClock};

use crate::support::{Catcher, Receiver, TENANT, noon};

struct Bench {
    control: Control,
    clock: Arc<ManualClock>,
    routing: Routing,
    deliverer: Deliverer,
}

impl Bench {
    fn new(config: &str) -> Self {
        let config: AlertsConfig = toml::from_str(config).unwrap();
        config.check().unwrap();
        let (control, clock) = (Control::in_memory().unwrap(), Arc::new(ManualClock::new(noon())));
        let routing = Routing::new(&config, control.clone(), TENANT);
        let deliverer = Deliverer::new(config.receivers(), control.clone(), clock.clone()).unwrap();
        Self { control, clock, routing, deliverer }
    }

    fn observe(&self, name: &str, severity: &str, status: Status) {
        let now = self.clock.now();
        let labels = [("alertname", name), ("severity", severity), ("service", "order")];
        let alert = Alert {
            status,
            labels: labels.map(|(key, value)| (key.to_owned(), value.to_owned())).into(),
            annotations: Labels::from([("summary".to_owned(), format!("{name} burns"))]),
            starts_at: noon(),
            ends_at: (status == Status::Resolved).then_some(now),
            generator_url: None,
            fingerprint: name.to_owned(),
        };
        self.routing.take(&[alert], now).unwrap();
    }

    fn fire(&self, name: &str, severity: &str) {
        self.observe(name, severity, Status::Firing);
    }

    fn resolve(&self, name: &str, severity: &str) {
        self.observe(name, severity, Status::Resolved);
    }

    /// Lets time pass as the sender does, a look every five seconds.
    async fn pass(&self, time: TimeDelta) {
        let until = self.clock.now() + time;
        while self.clock.now() < until {
            self.clock.advance(TimeDelta::seconds(5));
            self.routing.tick(self.clock.now()).unwrap();
            self.deliverer.round().await.unwrap();
        }
    }

    /// What was queued, oldest first: minute, receiver, reason, title.
    fn told(&self) -> Vec<String> {
        let mut all = self.control.list_deliveries(None, 100).unwrap();
        all.reverse();
        let line = |one: &headroom_control::Delivery| {
            let minute = (one.created_at - noon()).num_minutes();
            let alerts = one.payload["alerts"].as_array().unwrap();
            let names: Vec<&str> =
                alerts.iter().map(|alert| alert["labels"]["alertname"].as_str().unwrap()).collect();
            format!(
                "{minute} {} {} {}",
                one.channel,
                one.payload["reason"].as_str().unwrap(),
                names.join("+")
            )
        };
        all.iter().map(line).collect()
    }

    fn id_of(&self, name: &str) -> String {
        let open = self.control.open_alerts(TENANT).unwrap();
        open.into_iter().find(|alert| alert.summary.starts_with(name)).unwrap().id
    }
}

/// Somebody on call, a second after 15 minutes, and a channel for what is no page.
fn on_call(address: std::net::SocketAddr) -> String {
    let target = |name: &str| {
        format!(
            "[[targets]]\nname = '{name}'\nkind = 'webhook'\nurl = 'http://{address}/{name}'\nallow_networks = ['127.0.0.1']\n"
        )
    };
    let targets: String = ["first", "second", "channel"].map(target).concat();
    format!(
        "{targets}
        [[routes]]
        name = 'pages'
        matchers = ['severity=~\"critical|major\"']
        group_by = ['alertname']
        group_wait_seconds = 0
        group_interval_seconds = 1
        steps = [{{receivers = ['first']}}, {{after_seconds = 900, receivers = ['second']}}]
        [[routes]]
        name = 'rest'
        group_wait_seconds = 0
        group_interval_seconds = 1
        steps = [{{receivers = ['channel']}}]
        [[inhibitions]]
        source = ['severity=critical']
        target = ['severity=warning']
        equal = ['service']
        "
    )
}

async fn bench() -> (Catcher, Bench) {
    let catcher = Catcher::start().await;
    let bench = Bench::new(&on_call(catcher.address));
    (catcher, bench)
}

#[tokio::test]
async fn the_next_are_told_when_nobody_answers() {
    let (catcher, bench) = bench().await;
    bench.fire("orders", "major");
    bench.pass(TimeDelta::minutes(20)).await;
    bench.resolve("orders", "major");
    bench.pass(TimeDelta::minutes(6)).await;
    let told = ["0 first first orders", "15 second escalated orders"];
    let ended = ["20 first all_resolved orders", "20 second all_resolved orders"];
    assert_eq!(bench.told(), [told, ended].concat());
    assert_eq!(catcher.got().len(), 4, "each arrived once");
}

#[tokio::test]
async fn whoever_takes_it_stops_the_escalation() {
    let (_catcher, bench) = bench().await;
    bench.fire("orders", "major");
    bench.pass(TimeDelta::minutes(5)).await;
    let taken = bench.routing.acknowledge(&bench.id_of("orders"), "dana", bench.clock.now()).unwrap();
    assert_eq!(taken.acknowledged_by.as_deref(), Some("dana"));
    bench.pass(TimeDelta::minutes(60)).await;
    assert_eq!(bench.told(), ["0 first first orders", "5 first acknowledged orders"]);
    assert!(bench.routing.acknowledge("unknown", "dana", bench.clock.now()).is_err());
}

#[tokio::test]
async fn a_page_keeps_its_services_warnings_quiet() {
    let (_catcher, bench) = bench().await;
    bench.fire("orders", "critical");
    bench.fire("quotes", "warning");
    bench.pass(TimeDelta::minutes(10)).await;
    assert_eq!(bench.told(), ["0 first first orders"]);
    bench.resolve("orders", "critical");
    bench.pass(TimeDelta::minutes(10)).await;
    assert_eq!(bench.told()[1..], ["10 first all_resolved orders", "10 channel first quotes"]);
}

#[tokio::test]
async fn a_silence_that_recurs_holds_back_while_it_holds() {
    let (_catcher, bench) = bench().await;
    let start = noon().naive_utc() - TimeDelta::days(7);
    let silence = serde_json::json!({
        "matchers": ["service=\"order\""],
        "window": {"recurring": {"start": start, "zone": "UTC", "rule": "FREQ=DAILY", "seconds": 1_800}},
    });
    bench.control.add_silence(TENANT, &silence, "maintenance", None, "dana", noon()).unwrap();
    bench.fire("orders", "major");
    bench.fire("quotes", "warning");
    bench.resolve("quotes", "warning");
    bench.pass(TimeDelta::minutes(29)).await;
    assert!(bench.told().is_empty(), "{:?}", bench.told());
    bench.pass(TimeDelta::minutes(6)).await;
    assert_eq!(bench.told(), ["30 first first orders"], "what came and went in silence is never told");
}

#[tokio::test]
async fn everything_arrives_once_and_in_order_after_an_outage_of_the_receiver() {
    // Nobody listens for two minutes; then one is told to wait.
    let address = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let secret = crate::support::SECRET;
    let bench = Bench::new(&format!(
        "[[webhooks]]\nname = 'ops'\nurl = 'http://{address}/'\nsecret = '{secret}'\nallow_networks = ['127.0.0.1']"
    ));
    bench.fire("orders", "major");
    bench.pass(TimeDelta::minutes(1)).await;
    bench.fire("orders", "critical");
    bench.pass(TimeDelta::minutes(1)).await;
    let receiver = Receiver::start_at(address).await;
    receiver.answer(429, Some(("retry-after", "60")));
    bench.pass(TimeDelta::minutes(2)).await;
    bench.resolve("orders", "critical");
    bench.fire("quotes", "critical");
    bench.resolve("quotes", "critical");
    bench.pass(TimeDelta::minutes(10)).await;

    let got = receiver.got();
    let (refused, arrived): (Vec<_>, Vec<_>) = got.iter().partition(|one| one.status == 429);
    assert_eq!(refused.len(), 1);
    assert!(arrived.iter().any(|one| one.id == refused[0].id), "one id for all attempts");
    let of = |name: &str| {
        let said = arrived.iter().filter(|one| one.body["data"]["groupLabels"]["alertname"] == name);
        said.map(|one| {
            let severity = one.body["data"]["commonLabels"]["severity"].as_str().unwrap();
            format!("{} {severity}", one.kind())
        })
        .collect::<Vec<_>>()
    };
    assert_eq!(of("orders"), ["alert.firing major", "alert.firing critical", "alert.resolved critical"]);
    assert_eq!(of("quotes"), ["alert.firing critical", "alert.resolved critical"]);
    let ids: std::collections::HashSet<&str> = arrived.iter().map(|one| one.id.as_str()).collect();
    assert_eq!(ids.len(), arrived.len(), "nothing twice");
    assert!(bench.control.list_deliveries(Some(DeliveryState::Pending), 10).unwrap().is_empty());
}

#[tokio::test]
async fn a_dead_letter_is_sent_again_under_its_id() {
    let (catcher, bench) = bench().await;
    catcher.answer(410);
    bench.fire("orders", "major");
    bench.pass(TimeDelta::seconds(5)).await;
    let dead = bench.control.list_deliveries(Some(DeliveryState::Dead), 10).unwrap().remove(0);
    assert_eq!(dead.last_error.as_deref(), Some("the receiver answered 410"));
    // The receiver is turned off until the next start.
    let config: AlertsConfig = toml::from_str(&on_call(catcher.address)).unwrap();
    let next = Deliverer::new(config.receivers(), bench.control.clone(), bench.clock.clone()).unwrap();
    bench.control.replay(dead.id, bench.clock.now()).unwrap();
    assert_eq!(next.round().await.unwrap().delivered, 1);
    let sent = bench.control.list_deliveries(Some(DeliveryState::Delivered), 10).unwrap().remove(0);
    assert_eq!((sent.id, sent.dedup_key), (dead.id, dead.dedup_key));
    assert_eq!(catcher.got().len(), 2);
}

#[test]
fn routes_that_cannot_work_are_refused() {
    let target = "[[targets]]\nname = 'a'\nkind = 'slack'\nurl = 'https://a/'\n";
    for (more, what) in [
        ("[[routes]]\nname = 'r'\nsteps = [{receivers = ['b']}]", "routes[0] names the receiver \"b\""),
        ("[[routes]]\nname = 'r'\nsteps = []", "routes[0].steps must begin"),
        ("[heartbeat]\ntarget = 'b'", "heartbeat.target names the receiver \"b\""),
        (target, "two receivers are called \"a\""),
    ] {
        let config: AlertsConfig = toml::from_str(&format!("{target}{more}")).unwrap();
        let said = config.check().unwrap_err().to_string();
        assert!(said.contains(what), "{said}");
    }
}

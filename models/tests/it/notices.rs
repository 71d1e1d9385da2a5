//! Messages about steps, from the plan to a receiver.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Arc, Mutex};

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use chrono::{DateTime, Duration, Utc};
use headroom_alerts::{Deliverer, TargetConfig};
use headroom_control::Control;
use headroom_delivery::signing::sign;
use headroom_models::config::NoticesConfig;
use headroom_models::plan::Mode;
use headroom_models::{ForecastLoop, ModelsConfig, ServiceCapacity};
use headroom_scaler::notice::{Timing, notices};
use headroom_scaler::{Plans as _, Target};
use headroom_store::Clock;
use headroom_store::clock::ManualClock;
use headroom_store::testing;

use crate::planned::{calendar, fill};
use crate::platform::at;

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// What arrived: id and body, of messages whose signature is right.
type Inbox = Arc<Mutex<Vec<(String, String)>>>;

async fn receive(State(inbox): State<Inbox>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let header = |name: &str| headers[name].to_str().unwrap().to_owned();
    let id = header("webhook-id");
    let signed = sign(&[SECRET.parse().unwrap()], &id, header("webhook-timestamp").parse().unwrap(), &body);
    if signed != header("webhook-signature") {
        return StatusCode::UNAUTHORIZED;
    }
    inbox.lock().unwrap().push((id, String::from_utf8(body.to_vec()).unwrap()));
    StatusCode::NO_CONTENT
}

/// A program: the loop, and the sender, on one control file.
struct Program {
    forecasts: ForecastLoop,
    deliverer: Deliverer,
}

impl Program {
    fn start(
        store: &headroom_store::Store,
        file: &Path,
        hook: &TargetConfig,
        clock: &Arc<ManualClock>,
    ) -> Self {
        let control = Control::open(file).unwrap();
        let capacity = ServiceCapacity {
            lead_seconds: 255,
            margin_seconds: 600,
            mode: Mode::Act,
            ..ServiceCapacity::per_replica(100.0)
        };
        let config = ModelsConfig {
            venues: vec!["XNYS".into()],
            horizon_days: 1,
            services: [("gateway".to_owned(), capacity)].into(),
            notices: NoticesConfig { channels: vec![hook.name.to_string()], ..NoticesConfig::default() },
            ..ModelsConfig::default()
        };
        let clock = Arc::clone(clock) as Arc<dyn Clock>;
        let deliverer = Deliverer::new([hook], control.clone(), Arc::clone(&clock)).unwrap();
        let calendar = Arc::new(calendar());
        let forecasts = ForecastLoop::new(store.clone(), "acme", Arc::new(config), calendar, clock);
        Self { forecasts: forecasts.unwrap().telling(control), deliverer }
    }

    async fn minute(&mut self, clock: &ManualClock, now: DateTime<Utc>) {
        clock.set(now);
        self.forecasts.tick().await.unwrap();
        self.deliverer.round().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_step_is_told_before_and_after_once_over_a_restart() {
    let store = testing::store().await;
    // The first message of the step at 14:15 is due within two runs.
    let begin = at("2026-12-09T14:08:00Z");
    fill(&store, &calendar(), at("2026-11-16T00:00:00Z"), at("2026-12-09T14:25:00Z")).await;
    let inbox = Inbox::default();
    let app = axum::Router::new().fallback(receive).with_state(Arc::clone(&inbox));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    let hook: TargetConfig = toml::from_str(&format!(
        "name = 'deploys'\nkind = 'webhook'\nurl = '{url}'\nsecrets = ['{SECRET}']\nallow_networks = ['127.0.0.1']"
    ))
    .unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("control.db");
    let clock = Arc::new(ManualClock::new(begin));

    let mut program = Program::start(&store, &file, &hook, &clock);
    program.minute(&clock, begin).await;
    // The message tells the plan of the minute in which it came into reach.
    let wanted = program.forecasts.board().wanted(&Target::service("gateway"), begin).unwrap();
    for minute in 1..6 {
        program.minute(&clock, begin + Duration::minutes(minute)).await;
    }
    let (running, step) = (wanted.replicas, wanted.ahead[0].clone());
    assert!(step.replicas > running && step.at >= at("2026-12-09T14:15:00Z"), "{step:?}");
    let timing = Timing { before: Duration::minutes(5), after: Duration::minutes(5) };
    let made = notices("gateway", wanted.quantile, running, std::slice::from_ref(&step), timing);
    let arrives =
        |notice: &headroom_scaler::notice::Notice| (format!("{}_deploys", notice.id), notice.body.clone());
    assert_eq!(*inbox.lock().unwrap(), [arrives(&made[0])], "to the byte, and once");
    drop(program);
    let mut program = Program::start(&store, &file, &hook, &clock);
    for minute in 6..16 {
        program.minute(&clock, begin + Duration::minutes(minute)).await;
    }
    let got = inbox.lock().unwrap().clone();
    let both: Vec<_> = made.iter().map(arrives).collect();
    let of_step: Vec<_> = got.iter().filter(|(id, _)| id.contains("20261209T141500Z")).cloned().collect();
    assert_eq!(of_step, both, "one message before and one after, whatever each minute plans anew");
    let ids: BTreeSet<_> = got.iter().map(|(id, _)| id).collect();
    assert_eq!(ids.len(), got.len(), "no message twice: {got:?}");
}

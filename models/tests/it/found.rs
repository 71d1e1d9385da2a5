//! Anomalies and skill: what the loop finds beside its forecasts.

use std::sync::Arc;
use std::time::Duration as StdDuration;

use chrono::{DateTime, Datelike, Duration, Timelike, Utc};
use headroom_models::forecast::challengers;
use headroom_models::{AnomalyBody, Calendar, ForecastLoop, ModelsConfig, SkillBody, read};
use headroom_query::TimeRange;
use headroom_store::clock::ManualClock;
use headroom_store::testing::{self, TestStore};
use headroom_store::{Clock, Store};

use crate::platform::{at, fill, gateway};

/// A day between 250 and 750 requests a minute, least about 03:00, with noise of some per cent.
fn usual(ts: DateTime<Utc>) -> f64 {
    let hour = f64::from(ts.hour()) + f64::from(ts.minute()) / 60.0;
    let course = 500.0 - 250.0 * ((hour - 3.5) / 24.0 * std::f64::consts::TAU).cos();
    let mut state = (ts.timestamp() as u64 / 60).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let mut unit = || {
        state = (state ^ (state >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        state = state ^ (state >> 32);
        (state % 10_000) as f64 / 10_000.0
    };
    let six: f64 = (0..6).map(|_| unit()).sum();
    course * (1.0 + 0.05 * (six - 3.0) * 2.0_f64.sqrt())
}

struct Bench {
    store: TestStore,
    clock: Arc<ManualClock>,
    forecasts: ForecastLoop,
}

fn forecasts(store: &Store, clock: &Arc<ManualClock>) -> ForecastLoop {
    let config = ModelsConfig { venues: Vec::new(), horizon_days: 1, ..ModelsConfig::default() };
    let calendar = Calendar::new(Vec::new(), false);
    let clock = Arc::clone(clock) as Arc<dyn Clock>;
    ForecastLoop::new(store.clone(), "acme", Arc::new(config), Arc::new(calendar), clock).unwrap()
}

impl Bench {
    /// A loop that saw some days of usual demand, by a factor.
    async fn new(from: DateTime<Utc>, now: DateTime<Utc>, factor: impl Fn(DateTime<Utc>) -> f64) -> Self {
        let store = testing::store().await;
        fill(&store, from, now, |ts| (usual(ts) * factor(ts)) as u64).await;
        let clock = Arc::new(ManualClock::new(now));
        let forecasts = forecasts(&store, &clock);
        Self { store, clock, forecasts }
    }

    /// Goes on to a time at once, with demand by a factor.
    async fn until(&mut self, to: DateTime<Utc>, factor: impl Fn(DateTime<Utc>) -> f64) {
        fill(&self.store, self.clock.now(), to, |ts| (usual(ts) * factor(ts)) as u64).await;
        self.clock.set(to);
        let report = self.forecasts.tick().await.unwrap();
        assert!(report.forecast.contains_key("gateway"), "{report:?}");
    }

    async fn found(&self) -> Vec<AnomalyBody> {
        let range = TimeRange::new(at("2026-12-01T00:00:00Z"), self.clock.now()).unwrap();
        read::anomalies(&self.store, "acme", Some(&gateway()), range).await.unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_spike_and_a_new_level_are_told_once_with_their_reasons() {
    let mut bench = Bench::new(at("2026-12-01T00:00:00Z"), at("2026-12-10T09:00:00Z"), |_| 1.0).await;
    bench.forecasts.tick().await.unwrap();
    assert_eq!(bench.found().await, [], "nine ordinary days");

    let spike = at("2026-12-10T09:21:00Z");
    for minutes in [10, 20, 30, 40] {
        let to = at("2026-12-10T09:00:00Z") + Duration::minutes(minutes);
        bench.until(to, |ts| if ts == spike { 4.0 } else { 1.0 }).await;
    }
    let found = bench.found().await;
    assert_eq!(found.len(), 1, "{found:#?}");
    let told = &found[0];
    assert_eq!((told.ts, told.kind.as_str(), told.side.as_str()), (spike, "point", "above"));
    assert_eq!((told.event.as_deref(), told.detected_at), (None, at("2026-12-10T09:30:00Z")));
    assert!(told.value > 3.5 * told.expected && told.score > 3.0 && told.tail < 1e-4, "{told:?}");
    assert!(told.reason.contains(" times what 09:21 UTC usually sees ("), "{}", told.reason);
    assert!(told.reason.ends_with("no event explains it"), "{}", told.reason);

    // The same minutes again, by another loop: nothing is told twice, and nothing is lost.
    bench.forecasts = forecasts(&bench.store, &bench.clock);
    bench.forecasts.tick().await.unwrap();
    assert_eq!(bench.found().await, found, "after a restart");

    // From noon on demand is half as high again, and stays so over a restart.
    let noon = at("2026-12-10T12:00:00Z");
    let shifted = |ts: DateTime<Utc>| if ts >= noon { 1.5 } else { 1.0 };
    for hour in 10..24 {
        bench.until(at("2026-12-10T00:30:00Z") + Duration::hours(hour), shifted).await;
        if hour == 14 {
            bench.forecasts = forecasts(&bench.store, &bench.clock);
        }
    }
    let found = bench.found().await;
    let levels: Vec<&AnomalyBody> = found.iter().filter(|a| a.kind == "level").collect();
    assert_eq!(levels.len(), 1, "{found:#?}");
    assert!((levels[0].since - noon).num_hours().abs() <= 1, "{:?}", levels[0]);
    assert!(levels[0].reason.contains("the level is 1.5 times the former one"), "{}", levels[0].reason);
    let before = found.iter().filter(|a| a.since < noon - Duration::hours(1)).count();
    assert_eq!(before, 1, "the spike alone: {found:#?}");
    assert!(found.windows(2).all(|w| w[0].score >= w[1].score), "ranked by score, as no event is on");

    let other = TimeRange::new(at("2026-12-01T00:00:00Z"), bench.clock.now()).unwrap();
    assert_eq!(read::anomalies(&bench.store, "other", None, other).await.unwrap(), [], "another tenant");
    let body = read::forecast(&bench.store, "acme", &gateway(), other).await.unwrap();
    assert_eq!(body.anomalies, found);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_came_while_nobody_watched_is_told_later() {
    let mut bench = Bench::new(at("2026-12-01T00:00:00Z"), at("2026-12-09T09:00:00Z"), |_| 1.0).await;
    bench.forecasts.tick().await.unwrap();
    let spike = at("2026-12-10T11:00:00Z");
    bench.forecasts = forecasts(&bench.store, &bench.clock);
    bench.until(at("2026-12-10T15:00:00Z"), |ts| if ts == spike { 4.0 } else { 1.0 }).await;
    let found: Vec<_> = bench.found().await.into_iter().map(|a| (a.ts, a.kind)).collect();
    assert_eq!(found, [(spike, "point".to_owned())]);
}

#[tokio::test(flavor = "multi_thread")]
async fn back_tests_are_stored_and_slow_forecasters_are_tried_at_night() {
    // Half as much at weekends, which the day before does not know.
    let weekly = |ts: DateTime<Utc>| if ts.weekday().num_days_from_monday() < 5 { 1.0 } else { 0.5 };
    let mut bench = Bench::new(at("2026-11-16T00:00:00Z"), at("2026-12-08T20:00:00Z"), weekly).await;
    let slow: Vec<String> = challengers::slow().iter().map(|model| model.name()).collect();
    let tried = |skill: &SkillBody, name: &String| skill.models.iter().any(|skill| skill.model == *name);
    bench.forecasts.tick().await.unwrap();
    let first = read::skill(&bench.store, "acme", &gateway()).await.unwrap().unwrap();
    assert_eq!(first.made_at, at("2026-12-08T20:00:00Z"));
    let chosen = first.models.iter().find(|skill| skill.model == first.chosen).unwrap();
    let parts: Vec<_> = chosen.parts.iter().map(|p| (p.kind.as_str(), p.part.as_str(), p.points)).collect();
    // Four days of 144 steps.
    assert_eq!(
        parts,
        [
            ("all", "all", 576),
            ("event", "ordinary", 576),
            ("lead", "1: under 15 min", 8),
            ("lead", "2: 15 to 60 min", 16),
            ("lead", "3: 1 to 4 h", 72),
            ("lead", "4: 4 to 24 h", 480),
        ]
    );
    let all = &chosen.parts[0];
    assert!(all.relative_wql.unwrap() < 0.8 && all.relative_mae.unwrap() < 0.8, "{all:?}");
    assert!((0.8..=1.0).contains(&all.coverage90) && all.pinball90 > 0.0, "{all:?}");
    let naive = first.models.iter().find(|skill| skill.model == "seasonal-naive(1d)").unwrap();
    assert_eq!((naive.parts[0].relative_wql, naive.parts[0].relative_mae), (Some(1.0), Some(1.0)));
    assert!(!slow.iter().any(|name| tried(&first, name)), "{first:?}");

    // Not before the quietest hour, which begins at 03:00.
    bench.until(at("2026-12-09T02:50:00Z"), |_| 1.0).await;
    tokio::time::sleep(StdDuration::from_millis(200)).await;
    bench.until(at("2026-12-09T02:51:00Z"), |_| 1.0).await;
    assert_eq!(read::skill(&bench.store, "acme", &gateway()).await.unwrap().unwrap(), first);
    bench.until(at("2026-12-09T04:00:00Z"), |_| 1.0).await;
    let mut night = first.clone();
    for _ in 0..3000 {
        tokio::time::sleep(StdDuration::from_millis(100)).await;
        bench.forecasts.tick().await.unwrap();
        night = read::skill(&bench.store, "acme", &gateway()).await.unwrap().unwrap();
        if night != first {
            break;
        }
    }
    assert_eq!(night.made_at, at("2026-12-09T04:00:00Z"));
    assert!(slow.iter().all(|name| tried(&night, name)), "{night:?}");
}

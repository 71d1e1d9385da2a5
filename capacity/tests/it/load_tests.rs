//! Load tests that are kept.

use chrono::{DurationRound as _, TimeDelta, Utc};
use headroom_capacity::load_test::{LoadTest, Tool, import};
use headroom_capacity::load_tests::{list, live, save, show};
use headroom_store::testing;

use crate::support::{TENANT, climbing, fill};

const RESULTS: &str = "vegeta-report-100.json";

fn vegeta() -> LoadTest {
    let path = format!("{}/tests/data/load_test/{RESULTS}", env!("CARGO_MANIFEST_DIR"));
    import(std::fs::read(path).unwrap().as_slice(), RESULTS, None).unwrap()
}

/// The same test but for the last digit of its doubles, which JSON may round.
fn alike(a: &LoadTest, b: &LoadTest) -> bool {
    let rounded = |test: &LoadTest| {
        let (total, steps) =
            (&test.total, test.steps.iter().map(|s| (s.start, s.requests, s.errors)).collect::<Vec<_>>());
        let figures =
            [total.rate, total.throughput, total.latency.mean_ms.unwrap(), total.latency.p99_ms.unwrap()];
        let figures = figures.map(|figure| format!("{figure:.9}"));
        (test.tool, test.name.clone(), test.started, test.notes.clone(), total.requests, steps, figures)
    };
    rounded(a) == rounded(b)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_result_kept_twice_is_there_once_and_comes_back_whole() {
    let store = testing::store().await;
    let now = Utc::now().duration_trunc(TimeDelta::milliseconds(1)).unwrap();
    let test = vegeta();
    let first = save(&store, TENANT, "order", "friday", test.clone(), now).await.unwrap();
    let again =
        save(&store, TENANT, "order", "friday", test.clone(), now + TimeDelta::seconds(5)).await.unwrap();
    assert_eq!(first.id, again.id);
    let found = list(&store, TENANT, Some("order")).await.unwrap().tests;
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].tool.as_str(), found[0].name.as_str()), ("vegeta", "friday"));
    let shown = show(&store, TENANT, &first.id).await.unwrap().unwrap();
    assert_eq!(shown.made_at, now + TimeDelta::seconds(5));
    assert!(alike(&shown.test, &test), "{:?}\n{test:?}", shown.test);
    assert!(list(&store, "other", None).await.unwrap().tests.is_empty());
    assert_eq!(show(&store, "other", &first.id).await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stretch_of_live_traffic_becomes_a_test() {
    let store = testing::store().await;
    let range = fill(&store, climbing("", 5.0, 20.0, 15, Utc::now())).await;
    let test = live(&store, TENANT, "gateway", "open of today", range).await.unwrap();
    assert_eq!((test.tool, test.steps.len() >= 14), (Tool::Live, true));
    assert_eq!(test.steps.iter().map(|step| step.requests).sum::<u64>(), test.total.requests);
    assert!(test.steps.last().unwrap().rate > 1.5 * test.steps[0].rate);
    assert!(test.points().iter().all(|point| point.load > 0.0 && point.p99_ms.is_some()));
    let kept = save(&store, TENANT, "gateway", "open of today", test.clone(), Utc::now()).await.unwrap();
    assert!(alike(&show(&store, TENANT, &kept.id).await.unwrap().unwrap().test, &test));
    let refused = live(&store, TENANT, "nobody", "x", range).await.unwrap_err();
    assert!(refused.to_string().starts_with("nobody received no requests from "), "{refused}");
}

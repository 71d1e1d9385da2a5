//! Deployments that are seen in spans, told by events, or both.

use chrono::TimeDelta;
use headroom_query::release::newest;
use headroom_query::services::{self, Changes, DeploymentStatus, Pace, Unplanned, Within};
use headroom_query::{QueryError, TimeRange};
use headroom_store::testing::TestStore;

use crate::fixture::{SpanSeed, TENANT, base, event, hour, insert_events, insert_spans, span, store};

/// Two requests a minute of `payments` for an hour, version 1.0 and from half time on 2.0, of which each second fails.
async fn platform() -> TestStore {
    let store = store().await;
    let mut spans: Vec<SpanSeed> = Vec::new();
    for n in 0..120_u64 {
        let ts = base() + TimeDelta::seconds(30 * n as i64);
        let newer = n >= 60;
        spans.push(SpanSeed {
            service: "payments",
            version: if newer { "2.0" } else { "1.0" },
            status: if newer && n % 2 == 0 { "error" } else { "ok" },
            ..span(ts, u128::from(n) + 1, n + 1)
        });
    }
    insert_spans(&store, &spans).await;
    store
}

#[tokio::test]
async fn what_is_seen_and_told_is_there_once_and_says_more() {
    let store = platform().await;
    let minute = |minute: i64| base() + TimeDelta::minutes(minute);
    let finished = [
        ("version", "2.0"),
        ("reason", "fix"),
        ("url", "https://ci.example.com/7"),
        ("deployment.environment.name", "production"),
    ];
    let staging = [("version", "3.0"), ("deployment.environment.name", "staging")];
    let told = [
        event("deployment.started", minute(25), &[("version", "2.0")]),
        event("deployment.finished", minute(40), &finished),
        event("deployment.finished", minute(41), &staging),
        event("deployment.failed", minute(50), &[("version", "2.1")]),
        event("deployment.rolled_back", minute(52), &[("version", "2.0")]),
        event("deployment.finished", minute(55), &[("version", "9.9")]).of("other"),
    ];
    insert_events(&store, &told).await;
    insert_events(&store, &told[1..2]).await;
    let deploys = services::deploys(&store, TENANT, "payments", hour(base())).await.unwrap();
    let words: Vec<_> =
        deploys.iter().map(|deploy| ((deploy.ts - base()).num_minutes(), deploy.words())).collect();
    let expected = [(30, "2.0 (fix)"), (50, "2.1 (failed)"), (52, "2.0 (rolled back to)")];
    assert_eq!(words, expected.map(|(minute, words)| (minute, words.to_owned())));
    assert_eq!(
        (deploys[0].told, deploys[0].reason),
        (Some(DeploymentStatus::Finished), Some(Unplanned::Fix))
    );
    assert_eq!(deploys[0].url.as_deref(), Some("https://ci.example.com/7"));
    assert!(services::deploys(&store, TENANT, "order", hour(base())).await.unwrap().is_empty());
    let series =
        services::series(&store, TENANT, "payments", hour(base()), TimeDelta::minutes(10)).await.unwrap();
    assert_eq!(series.deploys, deploys);
}

#[tokio::test]
async fn delivery_is_measured_from_both() -> Result<(), QueryError> {
    let store = platform().await;
    let commit = format!("7f3c2e1@{}", (base() - TimeDelta::hours(30)).to_rfc3339());
    let commit: &'static str = commit.leak();
    let finished = [("version", "2.0"), ("commits", commit)];
    insert_events(&store, &[event("deployment.finished", base() + TimeDelta::minutes(45), &finished)]).await;
    let range = TimeRange { from: base() - TimeDelta::days(20), to: base() + TimeDelta::hours(1) };
    let found = services::delivery(&store, TENANT, range, &Changes::default()).await?;
    assert_eq!(found.len(), 1);
    let payments = &found[0];
    assert_eq!((payments.service.as_str(), payments.deployments, payments.told), ("payments", 1, 1));
    // It was seen half an hour after the commit's thirty hours.
    assert_eq!(
        (payments.lead_time_seconds, payments.lead_time_band),
        (Some(30 * 3_600 + 1_800), Some(Within::OneWeek))
    );
    assert_eq!((payments.change_fail_rate, payments.rework_rate), (Some(0.0), Some(0.0)));
    assert_eq!(payments.unknown["recovery_seconds"], "no deployment failed");
    assert_eq!(payments.pace, None::<Pace>);
    assert!(payments.unknown["pace"].starts_with("slower than weekly"), "{:?}", payments.unknown);
    assert!(services::delivery(&store, "other", range, &Changes::default()).await?.is_empty());
    Ok(())
}

#[tokio::test]
async fn the_newest_version_and_the_one_before_it() {
    let store = platform().await;
    let found = newest(&store, TENANT, "payments", hour(base())).await.unwrap().unwrap();
    assert_eq!((found.candidate.as_str(), found.baseline.as_str()), ("2.0", "1.0"));
    assert_eq!((found.at - base(), found.new, found.old), (TimeDelta::minutes(30), (60, 30), (60, 0)));
    assert_eq!(newest(&store, "other", "payments", hour(base())).await.unwrap(), None);
    let later = TimeRange { from: base() + TimeDelta::minutes(40), to: base() + TimeDelta::hours(1) };
    assert_eq!(newest(&store, TENANT, "payments", later).await.unwrap(), None, "deployed before that");
}

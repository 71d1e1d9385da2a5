//! What the keeper does, and what is left when it is broken off.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use headroom_archive::{Archive, ArchiveConfig, Keeper, Place, Round, status, verify};
use object_store::ObjectStoreExt as _;
use object_store::path::Path;

use crate::place::Failing;
use crate::reading::everything;
use crate::source::{Numbers, ago, now};

/// A store, a place that may fail, and the keeper between them.
pub(crate) struct Bench {
    pub(crate) source: Numbers,
    pub(crate) failing: Failing,
    pub(crate) place: Place,
    pub(crate) config: ArchiveConfig,
}

impl Bench {
    pub(crate) fn new() -> Self {
        let failing = Failing::new();
        let place = Place::on(Arc::new(failing.clone()));
        Self { failing, ..Self::at(place) }
    }

    pub(crate) fn at(place: Place) -> Self {
        let config = ArchiveConfig { url: Some("somewhere".to_owned()), ..ArchiveConfig::default() };
        Self { source: Numbers::default(), failing: Failing::new(), place, config }
    }

    pub(crate) async fn round_at(&self, now: DateTime<Utc>) -> Round {
        let keeper = Keeper::new(self.place.clone(), self.config.clone(), self.source.clone());
        keeper.round(now, &|| true).await
    }

    /// A round in which nothing fails.
    pub(crate) async fn round(&self) -> Round {
        let round = self.round_at(now()).await;
        assert_eq!(round.failures, Vec::<String>::new());
        round
    }

    async fn until(&self) -> Option<chrono::NaiveDate> {
        let archive = Archive::new(self.place.clone(), 7);
        archive.days("numbers", "acme", now()).await.unwrap().and_then(|days| days.until)
    }
}

#[tokio::test]
async fn days_that_are_old_enough_are_archived_once() {
    let bench = Bench::new();
    for (day, n) in [(12, 0), (11, 100), (9, 200), (8, 300), (7, 400), (1, 500)] {
        bench.source.add("acme", ago(day), n..n + 10);
    }
    let round = bench.round().await;
    assert_eq!((round.days, round.renewed, round.rows), (4, 0, 40));
    // The day that ended seven days ago is in; a day without rows in between does not stop the boundary.
    assert_eq!(bench.until().await, Some(ago(7)));
    assert_eq!(bench.round().await, Round::default());
    bench.source.expire(ago(8));
    assert_eq!(everything(&bench.place, &bench.source, "acme").await.len(), 60);
}

#[tokio::test]
async fn rows_that_come_late_are_archived_by_the_next_round() {
    let bench = Bench::new();
    bench.source.add("acme", ago(10), 0..10);
    bench.round().await;
    bench.source.add("acme", ago(10), 20..25);
    bench.source.add("acme", ago(9), 30..35);
    bench.source.add("acme", ago(20), 40..45);
    let round = bench.round().await;
    assert_eq!((round.days, round.renewed, round.rows), (2, 1, 25));
    assert_eq!(everything(&bench.place, &bench.source, "acme").await.len(), 25);
    // Who reads by the old list still finds its file; a day later nobody does.
    let rows = |paths: Vec<String>| paths.iter().filter(|path| path.ends_with(".parquet")).count();
    assert_eq!(rows(bench.failing.paths().await), 4);
    bench.round_at(now() + TimeDelta::hours(23)).await;
    assert_eq!(rows(bench.failing.paths().await), 4);
    bench.round_at(now() + TimeDelta::hours(25)).await;
    assert_eq!(rows(bench.failing.paths().await), 3);
    assert_eq!(everything(&bench.place, &bench.source, "acme").await.len(), 25);
}

#[tokio::test]
async fn rows_that_come_while_a_day_is_written_are_not_lost() {
    let bench = Bench::new();
    bench.source.add("acme", ago(10), 0..10);
    let late = headroom_archive::midnight(ago(10)) + 77;
    bench.source.meanwhile.lock().unwrap().push(("acme".to_owned(), late, 77));
    assert_eq!(bench.round().await.rows, 10);
    let round = bench.round().await;
    assert_eq!((round.days, round.renewed, round.rows), (0, 1, 11));
}

#[tokio::test]
async fn a_round_that_is_cut_off_anywhere_leaves_each_row_once() {
    let mut requests = 0;
    loop {
        let bench = Bench::new();
        bench.source.add("acme", ago(10), 0..10);
        bench.source.add("acme", ago(9), 20..30);
        bench.round_at(now() - TimeDelta::days(1)).await;
        bench.source.add("acme", ago(10), 40..45);
        bench.source.add("acme", ago(8), 50..55);
        let all = bench.source.since("acme", i64::MIN).len();
        bench.failing.after(requests);
        let round = bench.round_at(now()).await;
        let cut_off = bench.failing.has_failed();
        assert_eq!(round.failures.is_empty(), !cut_off, "{requests} requests: {round:?}");
        bench.failing.after(i64::MAX);
        // Nothing is there twice, and nothing is missing but rows that came late for a day that is in already.
        let seen = everything(&bench.place, &bench.source, "acme").await;
        let mut once = seen.clone();
        once.dedup();
        assert_eq!(once, seen, "{requests} requests");
        assert!(
            (0..10).chain(20..30).chain(50..55).all(|n| seen.contains(&n)),
            "{requests} requests: {seen:?}"
        );
        bench.round().await;
        assert_eq!(everything(&bench.place, &bench.source, "acme").await.len(), all, "{requests} requests");
        // What was left behind is removed.
        bench.round_at(now() + TimeDelta::hours(60)).await;
        let named = bench.failing.paths().await.into_iter().filter(|path| path.ends_with(".parquet")).count();
        assert_eq!(named, 3, "{requests} requests");
        if !cut_off {
            break;
        }
        requests += 1;
    }
    assert!(requests > 10, "each step was cut off: {requests}");
}

#[tokio::test]
async fn the_archive_keeps_what_the_store_has_lost() {
    let bench = Bench::new();
    bench.source.add("acme", ago(10), 0..10);
    bench.source.add("acme", ago(9), 20..30);
    bench.round().await;
    bench.source.expire(ago(9));
    bench.source.add("acme", ago(10), 90..92);
    let round = bench.round().await;
    assert_eq!((round.renewed, round.kept), (0, 1));
    assert_eq!(everything(&bench.place, &bench.source, "acme").await.len(), 20);
}

#[tokio::test]
async fn a_day_that_begins_to_expire_is_left_alone() {
    let bench = Bench::new();
    bench.source.add("acme", ago(28), 0..10);
    bench.round().await;
    bench.source.add("acme", ago(28), 20..22);
    let round = bench.round_at(now() + TimeDelta::days(2)).await;
    assert_eq!((round.renewed, round.failures), (0, Vec::new()));
}

#[tokio::test]
async fn a_file_that_is_gone_is_written_again_while_the_store_has_the_rows() {
    let bench = Bench::new();
    bench.source.add("acme", ago(10), 0..10);
    bench.round().await;
    let paths = bench.failing.paths().await;
    let file = Path::from(paths.iter().find(|path| path.ends_with(".parquet")).unwrap().as_str());
    bench.failing.inner.delete(&file).await.unwrap();
    let verdict = verify(&bench.place, &["numbers"], |_, _| {}).await.unwrap();
    assert!(verdict.damaged[0].contains(&ago(10).to_string()), "{verdict:?}");
    assert_eq!(bench.round().await.renewed, 1);
    let verdict = verify(&bench.place, &["numbers"], |_, _| {}).await.unwrap();
    assert_eq!((verdict.sound, verdict.damaged), (1, Vec::new()));
}

#[tokio::test]
async fn days_that_are_not_to_be_kept_go() {
    let bench =
        Bench { config: ArchiveConfig { keep_days: Some(40), ..Bench::new().config }, ..Bench::new() };
    bench.source.add("acme", ago(20), 0..10);
    bench.source.add("acme", ago(10), 20..30);
    bench.round().await;
    bench.source.expire(ago(0));
    bench.round_at(now() + TimeDelta::days(25)).await;
    assert_eq!(everything(&bench.place, &bench.source, "acme").await, (20..30).collect::<Vec<_>>());
    bench.round_at(now() + TimeDelta::days(27)).await;
    let rows = bench.failing.paths().await.into_iter().filter(|path| path.ends_with(".parquet")).count();
    assert_eq!(rows, 1);
}

#[tokio::test]
async fn who_does_not_lead_writes_nothing() {
    let bench = Bench::new();
    bench.source.add("acme", ago(10), 0..10);
    let keeper = Keeper::new(bench.place.clone(), bench.config.clone(), bench.source.clone());
    assert_eq!(keeper.round(now(), &|| false).await, Round::default());
    assert_eq!(bench.failing.paths().await, Vec::<String>::new());
}

#[tokio::test]
async fn the_status_says_what_is_behind() {
    let bench = Bench::new();
    bench.source.add("acme", ago(10), 0..10);
    bench.round().await;
    bench.source.add("acme", ago(9), 20..30);
    bench.source.add("other", ago(9), 0..5);
    let standings =
        status(&bench.place, &["numbers"], Some((&bench.source, &bench.config, now()))).await.unwrap();
    let figures: Vec<_> = standings
        .iter()
        .map(|one| (one.tenant.as_str(), one.days, one.rows, one.behind, one.until))
        .collect();
    assert_eq!(figures, [("acme", 1, 10, Some(1), Some(ago(7))), ("other", 0, 0, Some(1), None)]);
}

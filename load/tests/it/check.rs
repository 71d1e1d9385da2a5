//! The check after a run: it passes when all is well, and it can fail.

use std::path::Path;
use std::time::Duration;

use headroom_load::{
    ClickHouse, Ledger, LoadError, Mix, Options, Outcome, SqlDoor, VerifyOptions, VerifyReport, run, verify,
};

use crate::platform::{Act, Platform};

const SOON: VerifyOptions = VerifyOptions { patience: Duration::from_millis(10), settle: Duration::ZERO };

async fn sent(platform: &Platform, dir: &Path, change: impl FnOnce(&mut Options)) -> Ledger {
    let mut options = platform.options("http", 6);
    options.ledger = Some(dir.join("ledger"));
    change(&mut options);
    run(&options, |_| {}).await.unwrap();
    Ledger::read(&options.ledger.unwrap()).unwrap()
}

fn clickhouse(platform: &Platform) -> ClickHouse {
    ClickHouse::new(&format!("http://{}", platform.address), "headroom").unwrap()
}

fn door(platform: &Platform, token: &str) -> SqlDoor {
    SqlDoor::new(&format!("http://{}", platform.address), token).unwrap()
}

/// Without what differs from run to run.
fn shown(report: &VerifyReport) -> String {
    let text = report.to_string().replace(&report.run.to_string(), "RUN");
    let (head, tail) = text.split_once(" (checked for ").unwrap();
    format!("{head}{}", tail.split_once(')').unwrap().1)
}

async fn both_ways(platform: &Platform, ledger: &Ledger) -> [VerifyReport; 2] {
    let one = verify(ledger, &clickhouse(platform), &SOON).await.unwrap();
    let other = verify(ledger, &door(platform, "analyst"), &SOON).await.unwrap();
    [one, other]
}

#[tokio::test]
async fn all_is_well() {
    let dir = tempfile::tempdir().unwrap();
    let platform = Platform::start([Act::Later(0), Act::RejectOne]).await;
    let mix = Mix { traces: 1, logs: 1, events: 1, metrics: 0 };
    let ledger = sent(&platform, dir.path(), |options| options.mix = mix).await;
    let [clickhouse, door] = both_ways(&platform, &ledger).await;
    assert!(clickhouse.passed && door.passed, "{clickhouse}\n{door}");
    insta::assert_snapshot!(shown(&clickhouse), @"
    run RUN: what was acknowledged is stored exactly once
    spans         acknowledged 19, stored 19, missing 0, duplicates 0
    logs          acknowledged 40, stored 40, missing 0, duplicates 0
    events        acknowledged 20, stored 20, missing 0, duplicates 0
    ");
    insta::assert_snapshot!(shown(&door), @"
    run RUN: what was acknowledged is stored exactly once
    spans         acknowledged 19, stored 19, missing 0, duplicates 0
    logs          acknowledged 40, stored 40, missing 0, duplicates 0
    events        acknowledged 20, stored 20, missing 0, duplicates cannot be seen here
    ");
}

#[tokio::test]
async fn a_missing_span_is_found() {
    let dir = tempfile::tempdir().unwrap();
    let platform = Platform::start([Act::Take, Act::Take, Act::LoseOne]).await;
    let ledger = sent(&platform, dir.path(), |_| {}).await;
    let [clickhouse, door] = both_ways(&platform, &ledger).await;
    assert!(!clickhouse.passed && !door.passed);
    insta::assert_snapshot!(shown(&clickhouse), @"
    run RUN: what was acknowledged is NOT stored exactly once
    spans         acknowledged 60, stored 59, missing 1, duplicates 0
      body 2 (acknowledged): promised 10, 9 rows, 9 distinct
    ");
    assert_eq!(shown(&clickhouse), shown(&door));
}

#[tokio::test]
async fn a_duplicate_after_a_lost_answer_is_found() {
    let dir = tempfile::tempdir().unwrap();
    let platform = Platform::start([Act::Take, Act::Hang { stored: true }]).await;
    let ledger = sent(&platform, dir.path(), |_| {}).await;
    assert_eq!(platform.spans(), 70);
    let [clickhouse, door] = both_ways(&platform, &ledger).await;
    assert!(!clickhouse.passed && !door.passed);
    insta::assert_snapshot!(shown(&clickhouse), @"
    run RUN: what was acknowledged is NOT stored exactly once
    spans         acknowledged 60, stored 60, missing 0, duplicates 10 (10 of bodies that were sent again without an answer)
      body 1 (acknowledged): promised 10, 20 rows, 10 distinct
    ");
    assert_eq!(shown(&clickhouse), shown(&door));
}

#[tokio::test]
async fn a_duplicate_of_a_single_row_is_found() {
    let dir = tempfile::tempdir().unwrap();
    let platform = Platform::start([]).await;
    let ledger = sent(&platform, dir.path(), |_| {}).await;
    {
        let mut state = platform.state.lock().unwrap();
        let spans = state.stored.get_mut("spans").unwrap();
        spans.push(spans[33].clone());
    }
    for report in both_ways(&platform, &ledger).await {
        let spans = &report.tables[0];
        assert_eq!((report.passed, spans.missing, spans.duplicates), (false, 0, Some(1)), "{report}");
        assert_eq!((spans.duplicates_resent, spans.faults[0].body), (0, 3), "{report}");
    }
}

#[tokio::test]
async fn what_was_stored_without_an_acknowledgement_is_counted_apart() {
    let dir = tempfile::tempdir().unwrap();
    let platform = Platform::start([Act::Take, Act::Hang { stored: true }]).await;
    let mut ledger = sent(&platform, dir.path(), |options| options.give_up_after = Duration::ZERO).await;
    assert_eq!(ledger.entries.iter().filter(|one| one.outcome == Outcome::Unknown).count(), 1);
    // As if the run had been killed before the last body's line was on the disk.
    ledger.entries.pop();
    for report in both_ways(&platform, &ledger).await {
        let spans = &report.tables[0];
        assert!(report.passed, "{report}");
        assert_eq!((spans.acknowledged, spans.stored), (40, 40), "{report}");
        assert_eq!((spans.unacknowledged_bodies, spans.unacknowledged_records), (2, 20), "{report}");
    }
}

#[tokio::test]
async fn a_store_that_cannot_be_asked_is_an_error() {
    let dir = tempfile::tempdir().unwrap();
    let platform = Platform::start([]).await;
    let ledger = sent(&platform, dir.path(), |_| {}).await;
    let error = verify(&ledger, &door(&platform, "nobody"), &SOON).await.unwrap_err();
    let text = error.to_string().replace(&platform.address.to_string(), "ADDRESS");
    insta::assert_snapshot!(text, @"cannot count spans at http://ADDRESS: 401 Unauthorized: who are you");
    let nobody = ClickHouse::new("http://127.0.0.1:9", "headroom").unwrap();
    assert!(matches!(verify(&ledger, &nobody, &SOON).await, Err(LoadError::Count { table: "spans", .. })));
}

use std::sync::Mutex;

use super::*;
use crate::ledger::Outcome;
use crate::signal::Signal;

/// Answers from a list of looks; the last one stays.
struct Looks {
    looks: Mutex<Vec<Vec<(u32, u64, u64)>>>,
    /// The one body that holds events; all others hold spans.
    events: u32,
    records_at_once: u64,
}

impl Count for Looks {
    fn records_at_once(&self) -> u64 {
        self.records_at_once
    }

    fn sees_duplicates(&self, table: Table) -> bool {
        table != Table::Events
    }

    async fn counts(&self, query: &CountQuery) -> Result<Vec<BodyCount>, LoadError> {
        let mut looks = self.looks.lock().unwrap();
        let look = if looks.len() > 1 { looks.remove(0) } else { looks[0].clone() };
        let counts = look.into_iter().map(|(body, rows, distinct)| BodyCount { body, rows, distinct });
        Ok(counts
            .filter(|one| query.bodies.contains(&one.body))
            .filter(|one| (query.table == Table::Spans) == (one.body != self.events))
            .collect())
    }
}

fn looks(looks: &[&[(u32, u64, u64)]]) -> Looks {
    Looks {
        looks: Mutex::new(looks.iter().map(|one| one.to_vec()).collect()),
        events: 7,
        records_at_once: 25,
    }
}

fn entry(body: u32, outcome: Outcome) -> Entry {
    Entry {
        body,
        signal: Signal::Traces,
        records: 10,
        rejected: 0,
        outcome,
        base_ns: 1_780_000_000_000_000_000 + u64::from(body),
        attempts: 1,
        unanswered: 0,
    }
}

fn ledger(entries: Vec<Entry>) -> Ledger {
    Ledger { run: "00000000000000a7".parse().unwrap(), entries }
}

async fn check(ledger: &Ledger, looks: &Looks) -> VerifyReport {
    let options = VerifyOptions { patience: Duration::from_secs(3), settle: Duration::from_millis(10) };
    verify(ledger, looks, &options).await.unwrap()
}

#[tokio::test]
async fn it_waits_until_everything_is_there() {
    let ledger = ledger(vec![entry(0, Outcome::Acknowledged), entry(1, Outcome::Acknowledged)]);
    let report = check(&ledger, &looks(&[&[], &[(0, 10, 10)], &[(0, 10, 10), (1, 10, 10)]])).await;
    assert!(report.passed, "{report}");
    assert!(report.seconds > 0.9 && report.seconds < 10.0, "{report}");
}

#[tokio::test]
async fn a_duplicate_that_comes_late_is_seen() {
    let ledger = ledger(vec![entry(0, Outcome::Acknowledged)]);
    let report = check(&ledger, &looks(&[&[(0, 10, 10)], &[(0, 11, 10)]])).await;
    assert!(!report.passed);
    assert_eq!(report.tables[0].duplicates, Some(1));
}

#[tokio::test]
async fn everything_that_can_be_wrong_is_told() {
    let ledger = ledger(vec![
        entry(0, Outcome::Acknowledged),
        entry(1, Outcome::Acknowledged),
        Entry { unanswered: 1, ..entry(2, Outcome::Acknowledged) },
        Entry { rejected: 3, ..entry(3, Outcome::Acknowledged) },
        entry(4, Outcome::Refused),
        entry(5, Outcome::Unknown),
        entry(6, Outcome::Unknown),
        Entry { signal: Signal::Events, ..entry(7, Outcome::Acknowledged) },
    ]);
    let stored: &[_] = &[(0, 9, 9), (2, 20, 10), (3, 8, 8), (5, 10, 10), (7, 10, 10), (9, 12, 10)];
    let report = check(&ledger, &looks(&[stored])).await;
    let fixed = VerifyReport { seconds: 63.0, ..report };
    insta::assert_snapshot!(fixed, @"
    run 00000000000000a7: what was acknowledged is NOT stored exactly once (checked for 63.0 s)
    spans         acknowledged 37, stored 27, missing 11, duplicates 12 (10 of bodies that were sent again without an answer); stored without acknowledgement: 20 records in 2 bodies; stored though rejected: 1
      body 0 (acknowledged): promised 10, 9 rows, 9 distinct
      body 1 (acknowledged): promised 10, 0 rows, 0 distinct
      body 2 (acknowledged): promised 10, 20 rows, 10 distinct
      body 9 (not in the ledger): promised 0, 12 rows, 10 distinct
    logs          acknowledged 10, stored 10, missing 0, duplicates 0
    events        acknowledged 10, stored 10, missing 0, duplicates cannot be seen here
    ");
    let json = serde_json::to_value(&fixed).unwrap();
    assert_eq!(json["tables"][0]["faults"][0]["outcome"], "acknowledged");
    assert_eq!((json["passed"].as_bool(), &json["tables"][0]["table"]), (Some(false), &"spans".into()));
}

#[test]
fn pieces_leave_no_body_out() {
    let entries = [8, 1, 5, 3, 2].map(|body| entry(body, Outcome::Acknowledged)).to_vec();
    let ledger = ledger(entries);
    let pieces = pieces(&ledger, 25);
    let ranges: Vec<_> = pieces.iter().map(|one| one.query.bodies.clone()).collect();
    assert_eq!(ranges, [0..=2, 3..=5, 6..=u32::MAX]);
    let base = 1_780_000_000_000_000_000;
    assert_eq!(pieces[1].query.times, base + 3 - 660_000_000_000..=base + 5 + 600_000_000_000);
}

//! The ledgers against the store.

use std::collections::BTreeMap;
use std::time::Duration;

use headroom_load::{ClickHouse, Ledger, Table, VerifyOptions, verify};
use headroom_store::Store;

use super::clients::Sent;

/// Everything was acknowledged in the end, and clients were refused and left without an answer before.
pub(super) fn check_clients(sent: &[Sent]) {
    let mut retries = BTreeMap::new();
    for Sent { report, .. } in sent {
        assert!(report.all_acknowledged() && report.records_rejected == 0, "{report}");
        for (status, times) in &report.retries {
            *retries.entry(status.as_str()).or_insert(0) += times;
        }
    }
    println!("requests that were made again, by the reason: {retries:?}");
    // Chance decides who meets what, but not whether.
    for reasons in [["429", "grpc 8"], ["no answer", "no connection"]] {
        assert!(reasons.iter().any(|reason| retries.contains_key(reason)), "nobody met {reasons:?}");
    }
}

/// Rows of one table, over all runs.
#[derive(Default)]
struct Count {
    acknowledged: u64,
    stored: u64,
    missing: u64,
    duplicates: u64,
}

/// What was acknowledged is stored once, and rollups count each span once.
pub(super) async fn check_store(store: &Store, sent: &[Sent]) {
    let place = store.config();
    let mut url: url::Url = place.url.parse().unwrap();
    url.set_username(&place.user).unwrap();
    url.set_password(Some(&place.password)).unwrap();
    let clickhouse = ClickHouse::new(url.as_str(), &place.database).unwrap();
    // The ingester has ended and the store has everything, but for inserts it was left alone with.
    tokio::time::sleep(Duration::from_secs(3)).await;
    let options = VerifyOptions { patience: Duration::from_secs(10), settle: Duration::ZERO };
    let mut counts = Table::ALL.map(|_| Count::default());
    let mut faults = Vec::new();
    for Sent { ledger, .. } in sent {
        let report = verify(&Ledger::read(ledger).unwrap(), &clickhouse, &options).await.unwrap();
        for table in &report.tables {
            let count = &mut counts[Table::ALL.iter().position(|one| *one == table.table).unwrap()];
            count.acknowledged += table.acknowledged;
            count.stored += table.stored;
            count.missing += table.missing;
            count.duplicates += table.duplicates.unwrap();
        }
        if !report.passed {
            faults.push(report.to_string());
        }
    }
    for (table, count) in Table::ALL.iter().zip(&counts) {
        let Count { acknowledged, stored, missing, duplicates } = count;
        println!(
            "{}: acknowledged {acknowledged}, stored {stored}, missing {missing}, duplicates {duplicates}",
            table.name()
        );
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(counts.iter().all(|one| one.acknowledged > 0 && one.stored == one.acknowledged));

    let number = async |sql: String| store.rows::<u64>(&sql).await.unwrap()[0];
    let spans = number(format!("SELECT uniqExact(trace_id, span_id) FROM {}", store.table("spans"))).await;
    let calls = number(format!("SELECT sum(calls) FROM {}", store.table("span_minute"))).await;
    println!("rollups: {calls} calls of {spans} spans");
    assert_eq!(calls, spans, "rollups count each span once");
    let rejected = number(format!("SELECT count() FROM {}", store.table("rejected"))).await;
    assert_eq!(rejected, 0, "nothing was wrong with any record");
}

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use headroom_query::TimeRange;
use headroom_query::logs::{Before, Level, LogSearch, Logs, Search, Tail, search};
use headroom_store::Store;
use headroom_store::native::{Block, Numbers};

use crate::fixture::{TENANT, base, fixed, hour, maps, nanos, store, strings, token};

struct Seed {
    tenant: &'static str,
    service: &'static str,
    severity: u8,
    text: &'static str,
    ts: DateTime<Utc>,
    body: String,
}

fn seed(seconds: i64, body: &str) -> Seed {
    let ts = base() + TimeDelta::seconds(seconds);
    Seed { tenant: TENANT, service: "order", severity: 9, text: "INFO", ts, body: body.to_owned() }
}

async fn insert(store: &Store, rows: &[Seed], received: DateTime<Utc>) {
    let mut severity = Numbers::<u8>::new();
    let mut received_at = Numbers::milliseconds();
    for row in rows {
        severity.push(row.severity);
        received_at.push(received.timestamp_millis());
    }
    let block = Block::new()
        .with("tenant", strings(rows.iter().map(|row| row.tenant)))
        .with("service", strings(rows.iter().map(|row| row.service)))
        .with("severity", severity)
        .with("severity_text", strings(rows.iter().map(|row| row.text)))
        .with("ts", nanos(rows.iter().map(|row| row.ts)))
        .with("body", strings(rows.iter().map(|row| row.body.as_str())))
        .with("trace_id", fixed(rows.iter().map(|_| 7_u128.to_be_bytes())))
        .with(
            "attributes",
            maps(rows.iter().map(|_| vec![("attempt", "2"), ("customer.email", "jane@doe.com")])),
        )
        .with("attribute_types", maps(rows.iter().map(|_| vec![("attempt", "int")])))
        .with("resource", maps(rows.iter().map(|row| vec![("service.name", row.service)])))
        .with("received_at", received_at);
    store.insert_block("logs", &block, &token()).await.expect("logs are stored");
}

fn asked(range: TimeRange, text: &str) -> LogSearch {
    LogSearch { range, search: Search::parse(text).unwrap(), before: None, limit: 100 }
}

fn bodies(logs: &Logs) -> Vec<&str> {
    logs.lines.iter().map(|line| line.body.as_str()).collect()
}

#[tokio::test]
async fn lines_are_found_by_their_words_and_counted() {
    let store = store().await;
    let rows = [
        seed(1, "order ord-1 filled"),
        Seed { severity: 17, text: "ERROR", ..seed(2, "Connection to venue TIMED out") },
        Seed {
            service: "payment",
            severity: 0,
            text: "Warning",
            ..seed(3, "payment timed-out, mail jane@doe.com")
        },
        Seed { service: "payment", ..seed(1_800, "grün refused") },
        Seed { tenant: "other", ..seed(4, "somebody else's timed out") },
    ];
    insert(&store, &rows, base()).await;
    // Sent twice: shown once.
    insert(&store, &rows[..1], base()).await;
    let range = hour(base());
    let find = async |text: &str| {
        let logs = search(&store, TENANT, &asked(range, text)).await.unwrap();
        logs.lines.into_iter().map(|line| line.ts.timestamp() - base().timestamp()).collect::<Vec<_>>()
    };
    assert_eq!(find("").await, [1_800, 3, 2, 1]);
    assert_eq!(find("timed OUT").await, [3, 2]);
    assert_eq!(find("\"timed out\"").await, [2]);
    assert_eq!(find("tim*").await, [3, 2]);
    assert_eq!(find("tim").await, [] as [i64; 0]);
    assert_eq!(find("GRÜN").await, [1_800]);
    assert_eq!(find("ord-1").await, [1]);
    assert_eq!(find("filled OR refused").await, [1_800, 1]);
    assert_eq!(find("-timed -refused").await, [1]);
    assert_eq!(find("service:payment").await, [1_800, 3]);
    assert_eq!(find("level:error").await, [2]);
    assert_eq!(find("level:>=warn").await, [3, 2]);
    assert_eq!(find("attempt:2 service.name:order").await, [2, 1]);
    assert_eq!(find("attempt:3").await, [] as [i64; 0]);
    assert_eq!(find(&format!("trace:{:032x} filled", 7)).await, [1]);
    assert_eq!(find("' OR 1=1 --").await, [] as [i64; 0]);

    let logs = search(&store, TENANT, &asked(range, "")).await.unwrap();
    let line = &logs.lines[1];
    assert_eq!((line.level, line.body.as_str()), (Level::Warn, "payment timed-out, mail j***@d***.com"));
    assert_eq!(line.attributes["attempt"], 2);
    assert_eq!(line.attributes["customer.email"], "j***@d***.com");
    let volume = logs.volume.unwrap();
    assert_eq!((volume.total, volume.counted_from, volume.step_seconds), (5, range.from, 30));
    let first = BTreeMap::from([(Level::Info, 2), (Level::Warn, 1), (Level::Error, 1)]);
    assert_eq!((volume.buckets.len(), &volume.buckets[0].levels), (2, &first));
    let services: Vec<_> =
        volume.services.iter().map(|count| (count.service.as_str(), count.records)).collect();
    assert_eq!(services, [("order", 3), ("payment", 2)]);
}

#[tokio::test]
async fn pages_give_every_line_once_also_those_of_one_nanosecond() {
    let store = store().await;
    let rows: Vec<Seed> = (0..60).map(|n| seed(n / 20 * 700, &format!("line {n}"))).collect();
    // All of it was sent twice.
    insert(&store, &rows, base()).await;
    insert(&store, &rows, base()).await;
    let mut page = LogSearch { limit: 7, ..asked(hour(base()), "line") };
    let mut seen = Vec::new();
    loop {
        let logs = search(&store, TENANT, &page).await.unwrap();
        assert_eq!(logs.volume.is_some(), page.before.is_none());
        assert!(logs.lines.len() <= 7);
        seen.extend(bodies(&logs).into_iter().map(str::to_owned));
        let Some(next) = logs.next else { break };
        page.before = Some(Before::parse(&next).unwrap());
    }
    assert_eq!(seen.len(), 60);
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 60, "a line came twice");
    let none = search(&store, TENANT, &LogSearch { limit: 0, ..page }).await.unwrap_err();
    assert_eq!(none.code(), "bad_request");
}

#[tokio::test]
async fn what_arrives_is_told_once_however_late_it_is_stored() {
    let store = store().await;
    let now = base();
    let mut tail = Tail::new(TENANT, Search::parse("new").unwrap(), now);
    insert(&store, &[seed(-60, "old but not new"), seed(-1, "another one")], now - TimeDelta::minutes(1))
        .await;
    assert_eq!(told(&mut tail, &store, now).await, [] as [&str; 0]);
    insert(&store, &[seed(2, "new b"), seed(1, "new a")], now + TimeDelta::seconds(2)).await;
    assert_eq!(told(&mut tail, &store, now + TimeDelta::seconds(3)).await, ["new a", "new b"]);
    // Received before the last step, stored after it.
    insert(&store, &[seed(0, "new c")], now + TimeDelta::seconds(1)).await;
    assert_eq!(told(&mut tail, &store, now + TimeDelta::seconds(4)).await, ["new c"]);
    assert_eq!(told(&mut tail, &store, now + TimeDelta::seconds(40)).await, [] as [&str; 0]);
}

async fn told(tail: &mut Tail, store: &Store, now: DateTime<Utc>) -> Vec<String> {
    let arrived = tail.step(store, now).await.unwrap();
    assert!(!arrived.truncated);
    arrived.lines.into_iter().map(|line| line.body).collect()
}

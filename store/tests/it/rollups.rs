//! Rollups say what the raw rows say.

use std::collections::BTreeMap;

use headroom_store::{schema, testing};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;

use crate::spans;

#[tokio::test]
async fn buckets_are_those_of_the_formula() {
    let store = testing::counting_store().await;
    let mut durations: Vec<u64> = vec![0, 1, 2, 3];
    for power in 2..=42u32 {
        durations.extend([(1u64 << power) - 1, 1 << power, (1 << power) + 1]);
    }
    let mut runner = TestRunner::deterministic();
    let random =
        prop::collection::vec((0u32..42, any::<u64>()), 2_000).new_tree(&mut runner).unwrap().current();
    durations.extend(random.into_iter().map(|(power, noise)| noise % (1 << (power + 1))));
    store.insert_block("spans", &spans::block(1, &durations, 1), "b").await.unwrap();
    let mut want = BTreeMap::<i16, u64>::new();
    for duration in &durations {
        *want.entry(schema::bucket(*duration)).or_default() += 1;
    }
    for table in [schema::LATENCY_BUCKETS_1M, schema::LATENCY_BUCKETS_1H] {
        let sql = format!("SELECT b, sum(n) FROM {} GROUP BY b ORDER BY b", store.table(table));
        let got = store.rows::<(i16, u64)>(&sql).await.unwrap();
        assert_eq!(got, want.clone().into_iter().collect::<Vec<_>>(), "{table}");
    }
}

#[tokio::test]
async fn minutes_bounds_exemplars_and_keys_follow_the_spans() {
    let store = testing::counting_store().await;
    // 40 s apart from half past: minutes hold 1, 2, 1, 2 spans and so on.
    let durations = [1_000, 5_000, 1_050_000, 2_000, 0];
    store.insert_block("spans", &spans::block(1, &durations, 40_000_000_000), "m").await.unwrap();
    let minutes = store
        .rows::<(u64, u64, u64)>(&format!(
            "SELECT sum(calls), sum(dur_sum), max(dur_max) FROM {} GROUP BY m ORDER BY m",
            store.table("span_minute")
        ))
        .await
        .unwrap();
    assert_eq!(minutes, [(1, 1_000, 1_000), (2, 1_055_000, 1_050_000), (1, 2_000, 2_000), (1, 0, 0)]);
    let bounds = store
        .rows::<(i64, i64, u64)>(&format!(
            "SELECT toUnixTimestamp64Nano(min(start)), toUnixTimestamp64Nano(max(end)), sum(spans) FROM {} GROUP BY trace_id ORDER BY trace_id LIMIT 1",
            store.table("trace_bounds")
        ))
        .await
        .unwrap();
    let base = spans::base_ns();
    assert_eq!(bounds, [(base, base + 1_000, 1)]);
    let octaves = store
        .rows::<(i8, u64)>(&format!(
            "SELECT octave, duration_ns FROM {} ORDER BY m, octave",
            store.table("exemplars")
        ))
        .await
        .unwrap();
    let octave = |ns: u64| (schema::bucket(ns) >> 4) as i8;
    assert_eq!(octaves, [1_000, 5_000, 1_050_000, 2_000, 0].map(|ns| (octave(ns), ns)),);
    let keys = store
        .rows::<(String, String, String)>(&format!(
            "SELECT key, value, customer_id FROM {} WHERE value IN ('ord-3', 'cus-3') ORDER BY key",
            store.table("key_index")
        ))
        .await
        .unwrap();
    let row = |key: &str, value: &str| (key.to_owned(), value.to_owned(), "cus-3".to_owned());
    assert_eq!(keys, [row("customer.id", "cus-3"), row("order.id", "ord-3")]);
}

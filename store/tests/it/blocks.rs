//! Inserting blocks: every type, and the same token twice.

use headroom_store::literal;
use headroom_store::native::{Array, Block, Fixed, Map, Nullable, Numbers, Strings};
use headroom_store::testing;

use crate::spans;

#[tokio::test]
async fn every_column_type_comes_back() {
    let store = testing::store().await;
    let table = store.table("types");
    store
        .execute(&format!(
            "CREATE TABLE {table} (s String, lc LowCardinality(String), f FixedString(4), u8 UInt8, u16 UInt16, u32 UInt32, u64 UInt64, i8 Int8, i16 Int16, i32 Int32, i64 Int64, f32 Float32, f64 Float64, b Bool, ns DateTime64(9,'UTC'), ms DateTime64(3,'UTC'), sec DateTime64(0,'UTC'), d Decimal(38,12), nd Nullable(Decimal(38,12)), nf Nullable(Float64), a Array(Float64), alc Array(LowCardinality(String)), m Map(LowCardinality(String),String), mm Map(LowCardinality(String),LowCardinality(String)), am Array(Map(LowCardinality(String),String))) ENGINE = MergeTree ORDER BY u8"
        ))
        .await
        .unwrap();
    let text = |values: [&str; 2]| {
        let mut column = Strings::new();
        for value in values {
            column.push(value);
        }
        column
    };
    let long = "x".repeat(300);
    let mut fixed = Fixed::<4>::new();
    fixed.push(b"\0\x01\xfe\xff");
    fixed.push_slice(b"ab");
    let mut bools = Numbers::booleans();
    bools.extend_from_slice(&[1, 0]);
    let (mut ns, mut ms, mut sec) = (Numbers::nanoseconds(), Numbers::milliseconds(), Numbers::seconds());
    ns.extend_from_slice(&[1_700_000_000_123_456_789, -1]);
    ms.extend_from_slice(&[1_700_000_000_123, 0]);
    sec.extend_from_slice(&[1_700_000_000, 0]);
    let mut decimal = Numbers::decimal(12);
    decimal.extend_from_slice(&[-1, 99_999_999_999_999_999_999_999_999_999_999_999_999]);
    let mut maybe = Nullable::new(Numbers::decimal(12));
    maybe.push(Some(1_500_000_000_000));
    maybe.push(None);
    let mut maybe_float = Nullable::new(Numbers::<f64>::new());
    maybe_float.null();
    maybe_float.some(0.1);
    let mut list = Array::new(Numbers::<f64>::new());
    list.push(&[]);
    list.push(&[1.5, f64::INFINITY]);
    let mut words = Array::new(Strings::new());
    words.inner.push("a");
    words.inner.push("b");
    words.end_row();
    words.end_row();
    let map = || {
        let mut map = Map::new(Strings::new(), Strings::new());
        map.push("k", "v\0'");
        map.push("k2", "é");
        map.end_row();
        map.end_row();
        map
    };
    let mut maps = Array::new(Map::new(Strings::new(), Strings::new()));
    maps.end_row();
    for _ in 0..2 {
        maps.inner.push("x", "y");
        maps.inner.end_row();
    }
    maps.end_row();
    let block = Block::new()
        .with("s", text(["", &long]))
        .with("lc", text(["one", "naïve"]))
        .with("f", fixed)
        .with("u8", [0u8, 255].into_iter().collect::<Numbers<_>>())
        .with("u16", [0u16, u16::MAX].into_iter().collect::<Numbers<_>>())
        .with("u32", [0u32, u32::MAX].into_iter().collect::<Numbers<_>>())
        .with("u64", [0u64, u64::MAX].into_iter().collect::<Numbers<_>>())
        .with("i8", [i8::MIN, i8::MAX].into_iter().collect::<Numbers<_>>())
        .with("i16", [i16::MIN, i16::MAX].into_iter().collect::<Numbers<_>>())
        .with("i32", [i32::MIN, i32::MAX].into_iter().collect::<Numbers<_>>())
        .with("i64", [i64::MIN, i64::MAX].into_iter().collect::<Numbers<_>>())
        .with("f32", [1.5f32, -0.25].into_iter().collect::<Numbers<_>>())
        .with("f64", [1e300, -1e-300].into_iter().collect::<Numbers<_>>())
        .with("b", bools)
        .with("ns", ns)
        .with("ms", ms)
        .with("sec", sec)
        .with("d", decimal)
        .with("nd", maybe)
        .with("nf", maybe_float)
        .with("a", list)
        .with("alc", words)
        .with("m", map())
        .with("mm", map())
        .with("am", maps);
    store.insert_block("types", &block, "types-1").await.unwrap();
    let rows = store
        .rows::<String>(&format!(
            "SELECT concat(toString(tuple(* EXCEPT f)), hex(f)) FROM {table} ORDER BY u8"
        ))
        .await
        .unwrap();
    insta::assert_snapshot!(rows.join("\n").replace(&long, "<long>"));
}

#[tokio::test]
async fn a_token_counts_once_in_tables_and_rollups() {
    let store = testing::store().await;
    let block = spans::block(1, &[1_000, 2_000, 3_000], 1_000);
    for _ in 0..3 {
        store.insert_block("spans", &block, "token-1").await.unwrap();
    }
    let counts = counts(&store).await;
    assert_eq!(counts, [3, 3, 3, 3, 6], "spans, 1m, 1h, minute, keys");
    // The same rows under another token are other rows.
    store.insert_block("spans", &block, "token-2").await.unwrap();
    let counts = self::counts(&store).await;
    assert_eq!(counts, [6, 6, 6, 6, 12]);
}

/// Rows of spans, and what the rollups say.
pub(crate) async fn counts(store: &headroom_store::Store) -> Vec<u64> {
    let table = |name| store.table(name);
    let sql = format!(
        "SELECT arrayMap(n -> assumeNotNull(n), [(SELECT count() FROM {}), (SELECT sum(n) FROM {}), (SELECT sum(n) FROM {}), (SELECT sum(calls) FROM {}), (SELECT count() FROM {})])",
        table("spans"),
        table("latency_buckets_1m"),
        table("latency_buckets_1h"),
        table("span_minute"),
        table("key_index"),
    );
    store.rows::<Vec<u64>>(&sql).await.unwrap().pop().unwrap()
}

#[tokio::test]
async fn bad_blocks_and_bad_tables_are_permanent_errors() {
    let store = testing::store().await;
    let uneven =
        Block::new().with("tenant", Strings::new()).with("x", [1u8].into_iter().collect::<Numbers<_>>());
    // No row in the first column: nothing to do, by the first column.
    store.insert_block("spans", &uneven, "t").await.unwrap();
    let uneven =
        Block::new().with("x", [1u8].into_iter().collect::<Numbers<_>>()).with("tenant", Strings::new());
    let error = store.insert_block("spans", &uneven, "t").await.unwrap_err();
    assert!(!error.is_transient());
    assert!(error.to_string().contains("column tenant has 0 rows"), "{error}");
    let block = spans::block(1, &[1], 1);
    let error = store.insert_block("nowhere", &block, "t").await.unwrap_err();
    assert_eq!(error.code(), Some(60), "{error}");
    assert!(!error.is_transient());
}

#[tokio::test]
async fn literals_come_back_from_the_server() {
    let store = testing::store().await;
    let text = "it's \\ \"quoted\" `x` ?\n\t\r\0\u{1}\u{7f} ✓ {a:String}";
    let rows = store.rows::<String>(&format!("SELECT {}", literal::string(text))).await.unwrap();
    assert_eq!(rows, [text]);
    for nanos in [0, -1, 1_700_000_000_000_000_001, i64::from(u32::MAX) + 1] {
        let sql = format!("SELECT toUnixTimestamp64Nano({})", literal::ts_nanos(nanos));
        assert_eq!(store.rows::<i64>(&sql).await.unwrap(), [nanos]);
    }
    let sql = format!("SELECT hex({})", literal::trace_id(&"0a".repeat(16)).unwrap());
    assert_eq!(store.rows::<String>(&sql).await.unwrap(), ["0A".repeat(16)]);
    let sql = format!("SELECT toFloat64({})", literal::float(-0.1));
    assert_eq!(store.rows::<f64>(&sql).await.unwrap(), [-0.1]);
}

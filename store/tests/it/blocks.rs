//! Inserting blocks: every type, and the same token twice.

use headroom_store::literal;
use headroom_store::native::{Array, Block, Fixed, Map, Nullable, Numbers, Strings, Words};
use headroom_store::testing;

use crate::spans;

#[tokio::test]
async fn every_column_type_comes_back() {
    let store = testing::store().await;
    let table = store.table("types");
    store
        .execute(&format!(
            "CREATE TABLE {table} (s String, lc LowCardinality(String), dict LowCardinality(String), f FixedString(4), u8 UInt8, u16 UInt16, u32 UInt32, u64 UInt64, i8 Int8, i16 Int16, i32 Int32, i64 Int64, f32 Float32, f64 Float64, b Bool, ns DateTime64(9,'UTC'), ms DateTime64(3,'UTC'), sec DateTime64(0,'UTC'), d Decimal(38,12), nd Nullable(Decimal(38,12)), nf Nullable(Float64), a Array(Float64), alc Array(LowCardinality(String)), m Map(LowCardinality(String),String), mm Map(LowCardinality(String),LowCardinality(String)), am Array(Map(LowCardinality(String),String)), wm Map(LowCardinality(String),LowCardinality(String)), em Array(Map(LowCardinality(String),String))) ENGINE = MergeTree ORDER BY u8"
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
    let dictionary = |values: [&str; 2]| {
        let mut column = Words::new();
        for value in values {
            column.push(value);
        }
        column
    };
    let mut words_map = Map::new(Words::new(), Words::new());
    words_map.end_row();
    for (key, value) in [("k", "v"), ("k2", "v"), ("k", "é")] {
        words_map.keys.push(key);
        words_map.values.push(value);
    }
    words_map.end_row();
    let mut empty_maps = Array::new(Map::new(Words::new(), Strings::new()));
    empty_maps.end_row();
    empty_maps.end_row();
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
        .with("dict", dictionary(["one", "naïve"]))
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
        .with("am", maps)
        .with("wm", words_map)
        .with("em", empty_maps);
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
async fn a_token_counts_once() {
    let store = testing::store().await;
    let block = spans::block(1, &[1_000, 2_000, 3_000], 1_000);
    for _ in 0..3 {
        store.insert_block("spans", &block, "token-1").await.unwrap();
    }
    assert_eq!(count(&store).await, 3);
    // The same rows under another token are other rows, and another table has tokens of its own.
    store.insert_block("spans", &block, "token-2").await.unwrap();
    assert_eq!(count(&store).await, 6);
    let minute = || {
        let column = |value: &str| {
            let mut column = Words::new();
            column.push(value);
            column
        };
        let mut m = Numbers::seconds();
        m.push(spans::base_ns() / 1_000_000_000);
        Block::new()
            .with("tenant", column("t"))
            .with("service", column("order"))
            .with("m", m)
            .with("calls", [3u64].into_iter().collect::<Numbers<_>>())
    };
    for _ in 0..2 {
        store.insert_block("span_minute", &minute(), "token-2").await.unwrap();
    }
    let calls = format!("SELECT sum(calls) FROM {}", store.table("span_minute"));
    assert_eq!(store.rows::<u64>(&calls).await.unwrap(), [3]);
}

/// Rows of spans.
pub(crate) async fn count(store: &headroom_store::Store) -> u64 {
    let sql = format!("SELECT count() FROM {}", store.table("spans"));
    store.rows::<u64>(&sql).await.unwrap()[0]
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

//! How fast blocks go in: `cargo test -p headroom-store --test it figures -- --ignored
//! --nocapture`.

use std::time::Instant;

use headroom_store::testing;

use crate::{blocks, spans};

#[tokio::test]
#[ignore = "a measurement"]
async fn spans_per_second() {
    const BLOCKS: u64 = 20;
    const ROWS: u64 = 50_000;
    let store = testing::store().await;
    let durations: Vec<_> = (0..ROWS).map(|n| 1_000_000 + n * 977 % 50_000_000).collect();
    let (mut inserting, mut bytes) = (0.0, 0);
    for slice in 0..BLOCKS {
        let block = spans::block(slice * ROWS, &durations, 1_000_000);
        bytes += block.byte_size();
        let begun = Instant::now();
        store.insert_block("spans", &block, &format!("s{slice}")).await.unwrap();
        inserting += begun.elapsed().as_secs_f64();
    }
    let rows = BLOCKS * ROWS;
    assert_eq!(blocks::count(&store).await, rows);
    println!(
        "{rows} spans in {inserting:.2} s: {:.0} spans/s, {:.1} MB/s, fsync included",
        rows as f64 / inserting,
        bytes as f64 / inserting / 1e6
    );
}

#![allow(clippy::unwrap_used)]

use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::Receiver;
use std::time::Duration;

use headroom_store::SystemClock;

use super::{Placed, Position};
use crate::decode::Window;
use crate::log::{AppendError, Data, Item, Log, LogOptions, Slice};
use crate::signal::Signal;

fn open(dir: &Path) -> (Log, Receiver<Slice>) {
    Log::open(&LogOptions {
        dir: dir.to_owned(),
        max_bytes: 1 << 20,
        segment_bytes: 4096,
        slice_max_rows: 10,
        slice_max_bytes: 2048,
        slice_max_age: Duration::from_hours(1),
        slices_in_flight: 4,
        retry_window: Duration::ZERO,
        clock: Arc::new(SystemClock),
    })
    .unwrap()
}

fn at(partition: i32, from_offset: u64, to_offset: u64) -> Position<'static> {
    Position { source: "kafka/local/headroom", topic: "orders", partition, from_offset, to_offset }
}

async fn put_async(log: &Log, position: Position<'_>) -> Result<Placed, AppendError> {
    let rows = (position.to_offset - position.from_offset) as u32;
    let payload = &vec![position.partition as u8; rows as usize * 100];
    let window = Window { not_before: 1, not_after: 2 };
    let data = Data { tenant: "acme", signal: Signal::Logs, rows, received_ns: 7, window, payload };
    log.append_from(&data, &position).await
}

fn put(log: &Log, position: Position<'_>) -> Result<Placed, AppendError> {
    futures::executor::block_on(put_async(log, position))
}

fn next(log: &Log, partition: i32) -> Option<u64> {
    log.position("kafka/local/headroom", "orders", partition)
}

/// Commits what is handed out; the bytes of payloads in it.
fn commit_all(log: &Log, slices: &Receiver<Slice>) -> usize {
    log.flush();
    let mut bytes = 0;
    while let Ok(slice) = slices.recv_timeout(Duration::from_millis(200)) {
        for item in log.read(slice).unwrap().items() {
            let Item::Data(data) = item else { panic!("nothing is damaged") };
            bytes += data.payload.len();
        }
        log.commit(slice, false);
    }
    bytes
}

#[test]
fn each_offset_is_taken_once() {
    let dir = tempfile::tempdir().unwrap();
    let (log, slices) = open(dir.path());
    assert_eq!(next(&log, 0), None);
    assert_eq!(put(&log, at(0, 5, 8)), Ok(Placed::Stored));
    assert_eq!(put(&log, at(0, 5, 8)), Ok(Placed::Past));
    assert_eq!(put(&log, at(0, 6, 7)), Ok(Placed::Past));
    assert_eq!(put(&log, at(0, 7, 10)), Ok(Placed::Overlap { next: 8 }));
    // Offsets may be missing: transactions and compaction leave gaps.
    assert_eq!(put(&log, at(0, 20, 22)), Ok(Placed::Stored));
    assert_eq!(put(&log, at(1, 0, 1)), Ok(Placed::Stored));
    drop((log, slices));
    let (log, slices) = open(dir.path());
    assert_eq!([next(&log, 0), next(&log, 1), next(&log, 2)], [Some(22), Some(1), None]);
    assert_eq!(put(&log, at(0, 21, 22)), Ok(Placed::Past));
    assert_eq!(commit_all(&log, &slices), 600);
}

#[test]
fn a_position_outlives_its_segment_and_can_be_set_back() {
    let dir = tempfile::tempdir().unwrap();
    let (log, slices) = open(dir.path());
    for n in 0..40 {
        put(&log, at(n % 3, n as u64 * 3, n as u64 * 3 + 3)).unwrap();
    }
    let expected = [Some(120), Some(114), Some(117)];
    assert_eq!([next(&log, 0), next(&log, 1), next(&log, 2)], expected);
    let first = dir.path().join("log/00000000000000000001.seg");
    let bytes = std::fs::read(&first).unwrap();
    commit_all(&log, &slices);
    drop((log, slices));
    assert!(!first.exists());
    // The deletion was not on disk when the power went: what it says is old.
    std::fs::write(&first, bytes).unwrap();
    let (log, slices) = open(dir.path());
    assert_eq!([next(&log, 0), next(&log, 1), next(&log, 2)], expected);
    // The topic was made anew.
    assert_eq!(put(&log, at(1, 0, 0)), Ok(Placed::Stored));
    assert_eq!(put(&log, at(1, 0, 2)), Ok(Placed::Stored));
    drop((log, slices));
    let (log, slices) = open(dir.path());
    assert_eq!([next(&log, 0), next(&log, 1), next(&log, 2)], [Some(120), Some(2), Some(117)]);
    commit_all(&log, &slices);
    for n in 0..40 {
        put(&log, at(9, n * 3, n * 3 + 3)).unwrap();
    }
    commit_all(&log, &slices);
    drop((log, slices));
    let (log, _slices) = open(dir.path());
    assert_eq!([next(&log, 0), next(&log, 1), next(&log, 9)], [Some(120), Some(2), Some(120)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_range_of_a_partition_at_a_time() {
    let dir = tempfile::tempdir().unwrap();
    let (log, _slices) = open(dir.path());
    log.shared().faults.sync_fails.store(true, std::sync::atomic::Ordering::SeqCst);
    let (a, b) = tokio::join!(put_async(&log, at(0, 0, 5)), put_async(&log, at(0, 0, 5)));
    assert!(matches!(a, Err(AppendError::Disk(_))));
    assert_eq!(b, Ok(Placed::Stored));
    let (a, b) = tokio::join!(put_async(&log, at(0, 5, 6)), put_async(&log, at(0, 4, 7)));
    assert_eq!((a, b), (Ok(Placed::Stored), Ok(Placed::Overlap { next: 6 })));
}

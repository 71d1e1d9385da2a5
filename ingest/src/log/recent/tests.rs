#![allow(clippy::unwrap_used)]

use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::Receiver;
use std::time::Duration;

use chrono::{DateTime, TimeDelta};
use headroom_store::{Clock as _, ManualClock};

use super::{Begun, Recent};
use crate::decode::Window;
use crate::log::receipt::Noted;
use crate::log::{Answer, AppendError, Appended, Data, Log, LogOptions, Receipt, Slice};
use crate::signal::Signal;

const WINDOW: Window = Window { not_before: 1, not_after: 2 };

struct Rig {
    dir: tempfile::TempDir,
    clock: Arc<ManualClock>,
}

impl Rig {
    fn new() -> Self {
        let start = DateTime::from_timestamp_nanos(1_700_000_000_000_000_000);
        Self { dir: tempfile::tempdir().unwrap(), clock: Arc::new(ManualClock::new(start)) }
    }

    fn open(&self) -> (Log, Receiver<Slice>) {
        Log::open(&LogOptions {
            dir: self.dir.path().to_owned(),
            max_bytes: 1 << 20,
            segment_bytes: 4096,
            slice_max_rows: 10,
            slice_max_bytes: 2048,
            slice_max_age: Duration::from_hours(1),
            slices_in_flight: 4,
            retry_window: Duration::from_mins(10),
            clock: self.clock.clone(),
        })
        .unwrap()
    }

    async fn append(&self, log: &Log, n: u128) -> Result<Appended, AppendError> {
        let received_ns = self.clock.now().timestamp_nanos_opt().unwrap();
        let payload = &[n as u8; 300];
        let data =
            Data { tenant: "acme", signal: Signal::Logs, rows: 3, received_ns, window: WINDOW, payload };
        log.append_once(&data, Receipt { hash: n, rejected: n as u32, message: &message(n) }).await
    }

    fn put(&self, log: &Log, n: u128) -> Result<Appended, AppendError> {
        futures::executor::block_on(self.append(log, n))
    }

    fn passes(&self, minutes: i64) {
        self.clock.advance(TimeDelta::minutes(minutes));
    }

    fn recent(&self) -> std::path::PathBuf {
        self.dir.path().join("log/recent")
    }
}

fn message(n: u128) -> String {
    if n.is_multiple_of(2) { format!("answer {n}") } else { String::new() }
}

fn repeated(n: u128) -> Result<Appended, AppendError> {
    Ok(Appended::Repeated(Answer { rejected: n as u32, message: message(n) }))
}

/// Commits everything, so that all segments but the last go.
fn commit_all(log: &Log, slices: &Receiver<Slice>) {
    log.flush();
    while let Ok(slice) = slices.recv_timeout(Duration::from_millis(200)) {
        log.commit(slice, false);
    }
}

fn segments(dir: &Path) -> usize {
    let names = std::fs::read_dir(dir.join("log")).unwrap();
    names.filter(|e| e.as_ref().unwrap().path().extension().is_some_and(|e| e == "seg")).count()
}

#[test]
fn a_request_is_stored_once_within_the_window_and_again_after_it() {
    let rig = Rig::new();
    let (log, _slices) = rig.open();
    assert_eq!(rig.put(&log, 2), Ok(Appended::Stored));
    assert_eq!(rig.put(&log, 3), Ok(Appended::Stored));
    rig.passes(9);
    assert_eq!(rig.put(&log, 2), repeated(2));
    rig.passes(2);
    // Repeating it has not made it younger.
    assert_eq!(rig.put(&log, 2), Ok(Appended::Stored));
    assert_eq!(rig.put(&log, 2), repeated(2));
}

#[test]
fn it_is_known_again_after_a_restart_and_after_its_segment_is_gone() {
    let rig = Rig::new();
    let (log, slices) = rig.open();
    for n in 0..60 {
        assert_eq!(rig.put(&log, n), Ok(Appended::Stored));
    }
    drop((log, slices));
    let (log, slices) = rig.open();
    assert_eq!(rig.put(&log, 0), repeated(0));
    commit_all(&log, &slices);
    assert_eq!(segments(rig.dir.path()), 1);
    assert_eq!(rig.put(&log, 1), repeated(1));
    rig.passes(4);
    assert_eq!(rig.put(&log, 100), Ok(Appended::Stored));
    drop((log, slices));
    // What is left of a write that a crash cut off.
    let mut bytes = std::fs::read(rig.recent()).unwrap();
    bytes.extend_from_within(..50);
    std::fs::write(rig.recent(), bytes).unwrap();
    let (log, slices) = rig.open();
    for n in 0..60 {
        assert_eq!(rig.put(&log, n), repeated(n));
    }
    // A segment more goes: the file is made anew with everything that is not old.
    for n in 101..130 {
        assert_eq!(rig.put(&log, n), Ok(Appended::Stored));
    }
    commit_all(&log, &slices);
    drop((log, slices));
    let (log, slices) = rig.open();
    assert_eq!(
        [rig.put(&log, 59), rig.put(&log, 100), rig.put(&log, 125)],
        [repeated(59), repeated(100), repeated(125)]
    );
    rig.passes(7);
    assert_eq!(rig.put(&log, 59), Ok(Appended::Stored), "it came 11 minutes ago");
    assert_eq!(rig.put(&log, 100), repeated(100), "it came 7 minutes ago");
    drop((log, slices));
}

#[test]
fn a_deleted_segment_that_is_back_changes_nothing() {
    let rig = Rig::new();
    let (log, slices) = rig.open();
    for n in 0..20 {
        rig.put(&log, n).unwrap();
    }
    let first = rig.dir.path().join("log/00000000000000000001.seg");
    let bytes = std::fs::read(&first).unwrap();
    commit_all(&log, &slices);
    drop((log, slices));
    assert!(!first.exists());
    // The deletion was not on disk when the power went.
    std::fs::write(&first, bytes).unwrap();
    let (log, slices) = rig.open();
    assert!((0..20).all(|n| rig.put(&log, n) == repeated(n)));
    commit_all(&log, &slices);
    assert!((0..20).all(|n| rig.put(&log, n) == repeated(n)));
}

#[test]
fn a_file_that_cannot_be_written_keeps_the_segment_and_is_tried_again() {
    let rig = Rig::new();
    let (log, slices) = rig.open();
    for n in 0..20 {
        rig.put(&log, n).unwrap();
    }
    log.flush();
    let cut: Vec<_> = std::iter::from_fn(|| slices.recv_timeout(Duration::from_millis(200)).ok()).collect();
    let before = segments(rig.dir.path());
    *log.shared().faults.space.lock().unwrap() = Some(10);
    cut.into_iter().for_each(|slice| log.commit(slice, false));
    std::thread::sleep(Duration::from_millis(300));
    assert_eq!(segments(rig.dir.path()), before, "what they hold is nowhere else");
    *log.shared().faults.space.lock().unwrap() = None;
    std::thread::sleep(Duration::from_millis(1500));
    assert_eq!(segments(rig.dir.path()), 1);
    drop((log, slices));
    let (log, _slices) = rig.open();
    assert!((0..20).all(|n| rig.put(&log, n) == repeated(n)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_came_while_the_first_was_under_way_waits_for_its_fate() {
    let rig = Arc::new(Rig::new());
    let (log, slices) = rig.open();
    let log = Arc::new(log);
    let many = |n: u128| {
        let all = (0..20).map(|_| {
            let (rig, log) = (rig.clone(), log.clone());
            tokio::spawn(async move { rig.append(&log, n).await })
        });
        futures::future::join_all(all.collect::<Vec<_>>())
    };
    let answers: Vec<_> = many(4).await.into_iter().map(Result::unwrap).collect();
    assert_eq!(answers.iter().filter(|a| **a == Ok(Appended::Stored)).count(), 1);
    assert_eq!(answers.iter().filter(|a| **a == repeated(4)).count(), 19);
    // The first fails, another is taken in its place.
    log.shared().faults.sync_fails.store(true, std::sync::atomic::Ordering::SeqCst);
    let answers: Vec<_> = many(6).await.into_iter().map(Result::unwrap).collect();
    let failed = answers.iter().filter(|a| matches!(a, Err(AppendError::Disk(_)))).count();
    assert_eq!(failed, 1, "{answers:?}");
    assert_eq!(answers.iter().filter(|a| **a == Ok(Appended::Stored)).count(), 1);
    assert_eq!(answers.iter().filter(|a| **a == repeated(6)).count(), 18);
    drop(slices);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_went_away_is_known_when_it_comes_back() {
    let rig = Rig::new();
    let (log, _slices) = rig.open();
    let mut gone = Box::pin(rig.append(&log, 8));
    // Once: the record is with the writer, and nobody waits for it any more.
    assert!(futures::poll!(&mut gone).is_pending());
    drop(gone);
    assert_eq!(rig.append(&log, 8).await, repeated(8));
}

#[test]
fn the_clock_set_back_neither_forgets_nor_remembers_for_ever() {
    let rig = Rig::new();
    let (log, slices) = rig.open();
    rig.put(&log, 1).unwrap();
    rig.passes(-60);
    assert_eq!(rig.put(&log, 1), repeated(1));
    rig.put(&log, 2).unwrap();
    drop((log, slices));
    let (log, _slices) = rig.open();
    assert_eq!([rig.put(&log, 1), rig.put(&log, 2)], [repeated(1), repeated(2)]);
    rig.passes(11);
    assert_eq!([rig.put(&log, 1), rig.put(&log, 2)], [Ok(Appended::Stored), Ok(Appended::Stored)]);
}

#[test]
fn the_oldest_are_forgotten_first_when_there_are_too_many() {
    let rig = Rig::new();
    let mut recent = Recent { most: 100, ..Recent::new(Duration::from_mins(10), rig.clock.clone()) };
    for hash in 0..1000_u128 {
        assert!(matches!(recent.begin(hash), Begun::First));
        recent.finish(Noted { hash, rejected: 0, message: Some("m".repeat(10).into()) }, 1);
    }
    assert_eq!((recent.len(), recent.message_bytes, recent.index.len()), (100, 1000, 100));
    assert!(matches!(recent.begin(900), Begun::Repeated(_)));
    assert!(matches!(recent.begin(899), Begun::First));
    recent.abandon(899);
    recent.finish(Noted { hash: 1, rejected: 0, message: Some("m".repeat(17 << 20).into()) }, 1);
    assert_eq!(recent.len(), 0, "a message that is too long for all is not kept either");
    assert!(recent.under_way.is_empty());
}

#[test]
fn without_a_window_nothing_is_remembered() {
    let rig = Rig::new();
    let mut recent = Recent::new(Duration::ZERO, rig.clock.clone());
    assert!(matches!(recent.begin(1), Begun::First));
    recent.finish(Noted { hash: 1, rejected: 0, message: None }, 1);
    assert!(matches!(recent.begin(1), Begun::First));
    assert_eq!((recent.len(), recent.under_way.len()), (0, 0));
}

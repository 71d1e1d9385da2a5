#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::Receiver;
use std::time::Duration;

use headroom_store::SystemClock;
use proptest::prelude::*;

use super::{AppendError, Data, Item, Log, LogError, LogOptions, Slice};
use crate::decode::Window;
use crate::signal::Signal;

const HEAD: usize = super::segment::HEAD_LEN as usize;
const WINDOW: Window = Window { not_before: 1, not_after: 2 };

fn options(dir: &Path) -> LogOptions {
    LogOptions {
        dir: dir.to_owned(),
        max_bytes: 1 << 20,
        segment_bytes: 4096,
        slice_max_rows: 10,
        slice_max_bytes: 2048,
        slice_max_age: Duration::from_hours(1),
        slices_in_flight: 4,
        retry_window: Duration::from_mins(10),
        clock: Arc::new(SystemClock),
    }
}

fn data(payload: &[u8]) -> Data<'_> {
    Data { tenant: "acme", signal: Signal::Logs, rows: 3, received_ns: 7, window: WINDOW, payload }
}

fn append(log: &Log, payload: &[u8]) -> Result<(), AppendError> {
    futures::executor::block_on(log.append(&data(payload)))
}

/// All payloads of all slices handed out so far.
fn payloads(log: &Log, slices: &Receiver<Slice>) -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    while let Ok(slice) = slices.recv_timeout(Duration::from_millis(100)) {
        for item in log.read(slice).unwrap().items() {
            match item {
                Item::Data(data) => {
                    assert_eq!((data.tenant, data.signal, data.window), ("acme", Signal::Logs, WINDOW));
                    all.push(data.payload.to_vec());
                }
                Item::Damage { .. } => all.push(b"damage".to_vec()),
            }
        }
    }
    all
}

fn segments(dir: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<_> = std::fs::read_dir(dir.join("log"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "seg"))
        .collect();
    paths.sort();
    paths
}

#[test]
fn what_was_acknowledged_is_there_after_a_stop_in_the_same_slices() {
    let dir = tempfile::tempdir().unwrap();
    let options = options(dir.path());
    let (log, slices) = Log::open(&options).unwrap();
    let sent: Vec<Vec<u8>> = (0..40_u8).map(|n| vec![n; 300]).collect();
    for payload in &sent {
        append(&log, payload).unwrap();
    }
    let cut: Vec<Slice> = slices.try_iter().collect();
    assert!(cut.len() > 5, "slices are cut by rows");
    let tokens: Vec<_> = cut.iter().map(|s| log.token(*s, "spans")).collect();
    log.commit(cut[0], false);
    assert_eq!(tokens.iter().collect::<BTreeSet<_>>().len(), tokens.len());
    drop(log);

    let (log, slices) = Log::open(&options).unwrap();
    let again: Vec<Slice> = slices.try_iter().collect();
    // The first may come again: its commit mark needs not be on disk.
    let from = usize::from(again[0] == cut[1]);
    assert_eq!(again[1 - from..][..cut.len() - 1], cut[1..]);
    assert_eq!(again.iter().filter(|s| log.token(**s, "spans") == tokens[3]).count(), 1);
    let read: Vec<Vec<u8>> = again
        .iter()
        .flat_map(|s| {
            let bytes = log.read(*s).unwrap();
            let owned: Vec<_> = bytes
                .items()
                .map(|item| match item {
                    Item::Data(data) => data.payload.to_vec(),
                    Item::Damage { .. } => panic!("nothing is damaged"),
                })
                .collect();
            owned
        })
        .collect();
    assert!(sent.ends_with(&read) && read.len() >= 37, "{} of 40", read.len());
}

/// A damaged byte costs the record that it is in, and of a slice's own marks nothing at all: what lies
/// between two slices is cut again where it was cut before.
#[test]
fn a_damaged_byte_anywhere_costs_one_record_at_most_and_moves_no_slice() {
    let dir = tempfile::tempdir().unwrap();
    let options = LogOptions { segment_bytes: 1 << 19, ..options(dir.path()) };
    let (log, slices) = Log::open(&options).unwrap();
    let sent: BTreeSet<Vec<u8>> = (0..12_u8).map(|n| vec![n; 30]).collect();
    for payload in &sent {
        append(&log, payload).unwrap();
    }
    let cut: Vec<Slice> = slices.try_iter().collect();
    assert_eq!(cut.len(), 3);
    let tokens: BTreeSet<_> = cut.iter().map(|slice| log.token(*slice, "spans")).collect();
    drop(log);
    let path = segments(dir.path()).remove(0);
    let whole = std::fs::read(&path).unwrap();
    for at in (HEAD..whole.len()).step_by(5) {
        for old in segments(dir.path()) {
            std::fs::remove_file(old).unwrap();
        }
        let mut bytes = whole.clone();
        bytes[at] ^= 0x55;
        std::fs::write(&path, bytes).unwrap();
        let (log, slices) = Log::open(&options).unwrap();
        let mut read = Vec::new();
        let mut known = 0;
        for slice in slices.try_iter() {
            known += usize::from(tokens.contains(&log.token(slice, "spans")));
            let bytes = log.read(slice).unwrap();
            read.extend(bytes.items().filter_map(|item| match item {
                Item::Data(data) => Some(data.payload.to_vec()),
                Item::Damage { .. } => None,
            }));
        }
        let different: BTreeSet<_> = read.iter().cloned().collect();
        assert!(different.is_subset(&sent) && different.len() == read.len(), "twice, byte {at}");
        assert!(read.len() >= sent.len() - 1, "{} of {}, byte {at}", read.len(), sent.len());
        assert!(read.len() < sent.len() || known == cut.len(), "{known} slices as before, byte {at}");
    }
}

#[test]
fn segments_go_when_all_their_slices_are_committed_in_order() {
    let dir = tempfile::tempdir().unwrap();
    let (log, slices) = Log::open(&options(dir.path())).unwrap();
    for n in 0..60_u8 {
        append(&log, &[n; 300]).unwrap();
    }
    log.flush();
    append(&log, b"last").unwrap();
    let all: Vec<Slice> = slices.try_iter().collect();
    let before = segments(dir.path()).len();
    assert!(before > 4);
    for slice in all.iter().skip(1) {
        log.commit(*slice, false);
    }
    append(&log, b"x").unwrap();
    assert!(segments(dir.path()).len() >= before, "the oldest slice holds everything");
    log.commit(all[0], false);
    log.flush();
    while let Ok(slice) = slices.recv_timeout(Duration::from_millis(500)) {
        log.commit(slice, false);
    }
    assert_eq!(segments(dir.path()).len(), 1);
    assert_eq!((log.backlog().slices, log.backlog().bytes), (0, 0));
    assert_eq!(log.backlog().disk_bytes, std::fs::metadata(&segments(dir.path())[0]).unwrap().len());
}

#[test]
fn at_the_bound_appends_are_refused_until_slices_are_committed() {
    let dir = tempfile::tempdir().unwrap();
    let options = LogOptions { max_bytes: 16 * 1024, ..options(dir.path()) };
    let (log, slices) = Log::open(&options).unwrap();
    let mut taken = 0;
    let refusal = loop {
        match append(&log, &[1; 1000]) {
            Ok(()) => taken += 1,
            Err(error) => break error,
        }
    };
    assert!(taken >= 10);
    assert_eq!(refusal, AppendError::Full { max_bytes: 16 * 1024 });
    assert!(log.is_full() && log.admits(1000).is_err());
    assert!(log.admits(0).is_err(), "nothing is admitted while space is being made");
    log.flush();
    while let Ok(slice) = slices.recv_timeout(Duration::from_millis(200)) {
        log.commit(slice, false);
    }
    for _ in 0..100 {
        if log.admits(1000).is_ok() {
            append(&log, &[2; 1000]).unwrap();
            return;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("the log does not recover");
}

#[test]
fn a_full_disk_refuses_keeps_what_was_acknowledged_and_still_takes_marks() {
    let dir = tempfile::tempdir().unwrap();
    let options = options(dir.path());
    let (log, slices) = Log::open(&options).unwrap();
    append(&log, b"before").unwrap();
    let space = log.shared().faults.space.clone();
    *space.lock().unwrap() = Some(100);
    assert_eq!(append(&log, &[3; 500]), Err(AppendError::DiskFull));
    assert!(log.fault().unwrap().contains("full"));
    // Space for the marks was kept aside.
    *space.lock().unwrap() = Some(200);
    log.flush();
    let slice = slices.recv_timeout(Duration::from_secs(5)).unwrap();
    *space.lock().unwrap() = None;
    append(&log, b"after").unwrap();
    assert_eq!(log.fault(), None);
    log.commit(slice, false);
    log.shared().faults.sync_fails.store(true, std::sync::atomic::Ordering::SeqCst);
    assert!(matches!(append(&log, b"lost"), Err(AppendError::Disk(_))));
    append(&log, b"more").unwrap();
    drop(log);
    let (log, slices) = Log::open(&options).unwrap();
    let found = payloads(&log, &slices);
    let found: Vec<_> = found.iter().filter(|p| *p != b"before").collect();
    assert_eq!(found, [b"after".as_slice(), b"more"]);
}

#[test]
fn a_fault_is_news_when_it_comes_when_it_changes_and_when_it_goes() {
    let dir = tempfile::tempdir().unwrap();
    let (log, _slices) = Log::open(&options(dir.path())).unwrap();
    let full = || Some("full".to_owned());
    let set = |fault| log.shared().set_fault(fault);
    assert_eq!([set(None), set(full()), set(full()), set(full())], [false, true, false, false]);
    assert_eq!([set(Some("broken".to_owned())), set(None), set(None)], [true, true, false]);
    // The writer says it too: the second refusal of a full disk is none.
    *log.shared().faults.space.lock().unwrap() = Some(0);
    assert_eq!(append(&log, &[3; 500]), Err(AppendError::DiskFull));
    assert!(!set(Some(AppendError::DiskFull.to_string())));
    assert_eq!(append(&log, &[3; 500]), Err(AppendError::DiskFull));
    *log.shared().faults.space.lock().unwrap() = None;
    append(&log, b"after").unwrap();
    assert!(!set(None));
}

#[test]
fn a_second_process_is_refused_in_one_sentence() {
    let dir = tempfile::tempdir().unwrap();
    let (_log, _slices) = Log::open(&options(dir.path())).unwrap();
    let error = Log::open(&options(dir.path())).err().unwrap();
    assert!(matches!(error, LogError::Locked(_)));
    let text = error.to_string();
    assert!(text.starts_with("another headroom process uses the folder /"), "{text}");
}

#[test]
fn a_segment_of_another_log_is_refused() {
    let (a, b) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    drop(Log::open(&options(a.path())).unwrap());
    drop(Log::open(&options(b.path())).unwrap());
    std::fs::copy(&segments(a.path())[0], b.path().join("log/00000000000000000009.seg")).unwrap();
    let error = Log::open(&options(b.path())).err().unwrap().to_string();
    assert!(error.contains("belongs to another log or is damaged"), "{error}");
}

#[test]
fn a_copied_folder_never_uses_a_token_again() {
    let (a, b) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    drop(Log::open(&options(a.path())).unwrap());
    std::fs::create_dir_all(b.path().join("log")).unwrap();
    for name in ["log/identity", "log/00000000000000000001.seg"] {
        std::fs::copy(a.path().join(name), b.path().join(name)).unwrap();
    }
    let tokens: Vec<_> = [a.path(), b.path()]
        .iter()
        .map(|dir| {
            let (log, slices) = Log::open(&options(dir)).unwrap();
            append(&log, b"same place, other words").unwrap();
            log.flush();
            let slice = slices.recv_timeout(Duration::from_secs(5)).unwrap();
            (slice, log.token(slice, "spans"))
        })
        .collect();
    assert_eq!(tokens[0].0, tokens[1].0);
    assert_ne!(tokens[0].1, tokens[1].1);
}

/// A log with one segment of acknowledged records, and its bytes.
fn written(count: u8) -> (tempfile::TempDir, LogOptions, Vec<u8>) {
    let dir = tempfile::tempdir().unwrap();
    let options = LogOptions {
        segment_bytes: 1 << 19,
        slice_max_rows: 1000,
        slice_max_bytes: 1 << 19,
        ..options(dir.path())
    };
    let (log, _slices) = Log::open(&options).unwrap();
    for n in 0..count {
        append(&log, &[n; 50]).unwrap();
    }
    drop(log);
    let bytes = std::fs::read(&segments(dir.path())[0]).unwrap();
    (dir, options, bytes)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// A write that stopped anywhere leaves the records before it.
    #[test]
    fn a_torn_tail_is_cut_off(count in 1_u8..12, cut in 0.0_f64..1.0) {
        let (dir, options, bytes) = written(count);
        let path = segments(dir.path())[0].clone();
        let len = (bytes.len() as f64 * cut) as usize;
        std::fs::write(&path, &bytes[..len]).unwrap();
        let (log, slices) = Log::open(&options).unwrap();
        let found = payloads(&log, &slices);
        let record = (bytes.len() - HEAD) / usize::from(count);
        let whole = len.saturating_sub(HEAD) / record;
        prop_assert_eq!(found.len(), whole);
        prop_assert!(found.iter().enumerate().all(|(n, p)| *p == vec![n as u8; 50]));
        prop_assert!(std::fs::read_dir(dir.path().join("dead")).unwrap().next().is_none());
    }

    /// A damaged byte in the middle costs its record, which is set aside, and no other.
    #[test]
    fn damage_in_the_middle_is_set_aside(count in 3_u8..12, at in 0.0_f64..1.0, flip in 1_u8..=255) {
        let (dir, options, mut bytes) = written(count);
        let path = segments(dir.path())[0].clone();
        let record = (bytes.len() - HEAD) / usize::from(count);
        // Not in the last record: that would be a torn tail.
        let offset = HEAD + ((bytes.len() - HEAD - record) as f64 * at) as usize;
        bytes[offset] ^= flip;
        std::fs::write(&path, &bytes).unwrap();
        let (log, slices) = Log::open(&options).unwrap();
        let found = payloads(&log, &slices);
        let hit = (offset - HEAD) / record;
        let expected: Vec<u8> = (0..count).filter(|n| usize::from(*n) != hit).collect();
        let kept: Vec<u8> = found.iter().filter(|p| *p != b"damage").map(|p| p[0]).collect();
        prop_assert_eq!(kept, expected);
        prop_assert_eq!(std::fs::read_dir(dir.path().join("dead")).unwrap().count(), 1);
    }
}

//! A log whose file was damaged in any way while nobody wrote to it. It opens without a panic, or
//! says that its head is damaged, and hands out every record that lies before the damage, once.
#![no_main]

use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use headroom_ingest::Signal;
use headroom_ingest::decode::Window;
use headroom_ingest::log::{Data, Item, Log, LogOptions};
use headroom_store::SystemClock;
use libfuzzer_sys::arbitrary::{self, Arbitrary};
use libfuzzer_sys::fuzz_target;
use tempfile::TempDir;

/// Bytes of a segment before its first record.
const HEAD: usize = 52;

/// What happens to the file; offsets count modulo its length.
#[derive(Debug, Arbitrary)]
enum Fault {
    Flip { at: u16, bits: u8 },
    Zero { at: u16, length: u8 },
    Write { at: u16, bytes: Vec<u8> },
    Copy { from: u16, to: u16, length: u16 },
    Cut { at: u16 },
    Append { bytes: Vec<u8> },
}

/// A log with one segment, as a crash leaves it, and its records: where each ends, what it holds.
struct Whole {
    segment: PathBuf,
    bytes: Vec<u8>,
    identity: Vec<u8>,
    records: Vec<(usize, Vec<u8>)>,
}

static FOLDER: LazyLock<TempDir> = LazyLock::new(|| {
    // Memory, where there is some: each run syncs files.
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).expect("a temporary folder")
});
static WHOLE: LazyLock<Whole> = LazyLock::new(whole);

fn options() -> LogOptions {
    LogOptions {
        dir: FOLDER.path().to_owned(),
        max_bytes: 1 << 30,
        segment_bytes: 1 << 29,
        slice_max_rows: 9,
        slice_max_bytes: 1 << 20,
        slice_max_age: Duration::from_hours(1),
        slices_in_flight: 4,
        retry_window: Duration::ZERO,
        clock: Arc::new(SystemClock),
    }
}

/// Ten records of different lengths; slices are cut behind every third, and the last is not cut.
fn whole() -> Whole {
    let (log, _slices) = Log::open(&options()).expect("an empty folder");
    let payloads: Vec<Vec<u8>> = (0..10_usize).map(|n| vec![b'a' + n as u8; 1 + 17 * n]).collect();
    for payload in &payloads {
        let window = Window { not_before: 1, not_after: 2 };
        let data = Data { tenant: "acme", signal: Signal::Logs, rows: 3, received_ns: 7, window, payload };
        futures::executor::block_on(log.append(&data)).expect("room");
    }
    drop(log);
    let folder = FOLDER.path().join("log");
    let mut files =
        std::fs::read_dir(&folder).expect("the log's folder").map(|file| file.expect("a file").path());
    let segment = files.find(|path| path.extension().is_some_and(|end| end == "seg")).expect("a segment");
    let bytes = std::fs::read(&segment).expect("the segment");
    // A payload is the last part of its record, and no other has its letter so often in a row.
    let mut from = HEAD;
    let records = payloads.into_iter().map(|payload| {
        let rest = &bytes[from..];
        let at = rest
            .windows(6 + payload.len())
            .position(|part| part.starts_with(b"\x04\0acme") && part.ends_with(&payload));
        from += at.expect("the record is in the file") + 6 + payload.len();
        (from, payload)
    });
    let records = records.collect();
    let identity = std::fs::read(folder.join("identity")).expect("the log's identity");
    Whole { segment, bytes, identity, records }
}

fn damage(bytes: &mut Vec<u8>, fault: &Fault) {
    let length = bytes.len();
    let place = |at: u16| if length == 0 { 0 } else { usize::from(at) % length };
    match fault {
        Fault::Flip { at, bits } => bytes.iter_mut().skip(place(*at)).take(1).for_each(|byte| *byte ^= bits),
        Fault::Zero { at, length } => {
            bytes.iter_mut().skip(place(*at)).take((*length).into()).for_each(|byte| *byte = 0);
        }
        Fault::Write { at, bytes: new } => {
            bytes.iter_mut().skip(place(*at)).zip(new).for_each(|(byte, new)| *byte = *new);
        }
        Fault::Copy { from, to, length } => {
            let copy: Vec<u8> = bytes.iter().skip(place(*from)).take((*length).into()).copied().collect();
            bytes.iter_mut().skip(place(*to)).zip(copy).for_each(|(byte, new)| *byte = new);
        }
        Fault::Cut { at } => bytes.truncate(place(*at)),
        Fault::Append { bytes: new } => bytes.extend_from_slice(new),
    }
}

/// Puts the folder back, with `bytes` as its segment.
fn lay_out(whole: &Whole, bytes: &[u8]) -> std::io::Result<()> {
    let folder = whole.segment.parent().unwrap_or(Path::new("."));
    for old in [folder, &FOLDER.path().join("dead")] {
        std::fs::remove_dir_all(old)?;
    }
    std::fs::create_dir(folder)?;
    std::fs::write(folder.join("identity"), &whole.identity)?;
    std::fs::write(&whole.segment, bytes)
}

fuzz_target!(|faults: Vec<Fault>| {
    let whole = &*WHOLE;
    let mut bytes = whole.bytes.clone();
    faults.iter().for_each(|fault| damage(&mut bytes, fault));
    let same = bytes.iter().zip(&whole.bytes).take_while(|(now, then)| now == then).count();
    lay_out(whole, &bytes).expect("the temporary folder can be written");

    let (log, slices) = match Log::open(&options()) {
        Ok(opened) => opened,
        Err(error) => {
            assert!(same < HEAD, "the log does not open though its head is whole: {error}");
            return;
        }
    };
    let mut handed_out = Vec::new();
    for slice in slices.try_iter() {
        let read = log.read(slice).expect("a slice that was handed out can be read");
        for item in read.items() {
            if let Item::Data(data) = item {
                assert_eq!((data.tenant, data.signal, data.rows), ("acme", Signal::Logs, 3));
                handed_out.push(data.payload.to_vec());
            }
        }
    }
    if same < HEAD {
        return;
    }
    let copied = faults.iter().any(|fault| matches!(fault, Fault::Copy { .. }));
    for (end, payload) in whole.records.iter().filter(|(end, _)| *end <= same) {
        let times = handed_out.iter().filter(|one| *one == payload).count();
        // A record that the damage copied may be there twice.
        let once = times == 1 || (copied && times > 1);
        assert!(once, "the record up to byte {end} is there {times} times; damage begins at byte {same}");
    }
});

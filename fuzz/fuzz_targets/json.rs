//! Any bytes as OTLP/JSON. What is taken is rewritten as protobuf that can be walked.
//!
//! The first byte of an input says the signal, the rest is the text.
#![no_main]

use headroom_ingest::Signal;
use headroom_ingest::decode::{Census, Window, walk};
use headroom_ingest::json::to_protobuf;
use libfuzzer_sys::{Corpus, fuzz_target};

/// 2026-06-01, in nanoseconds since the epoch.
const RECEIVED_NS: i64 = 1_780_272_000_000_000_000;

fuzz_target!(|data: &[u8]| -> Corpus {
    let Some((first, text)) = data.split_first() else { return Corpus::Reject };
    let signal = [Signal::Traces, Signal::Logs, Signal::Metrics][usize::from(first % 3)];
    match to_protobuf(signal, text) {
        Ok(rewritten) => {
            let window = Window { not_before: i64::MIN, not_after: i64::MAX };
            let walked = walk(signal, &rewritten.bytes, window, RECEIVED_NS, &mut Census::default());
            assert!(walked.is_ok(), "JSON was taken and rewritten as bytes that are none: {walked:?}");
        }
        // The words for the client must be made without a panic, too.
        Err(error) => assert!(!error.to_string().is_empty()),
    }
    Corpus::Keep
});

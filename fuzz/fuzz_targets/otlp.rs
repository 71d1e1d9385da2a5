//! Any bytes as an OTLP request. What is counted before the acknowledgement is what is stored
//! after it, and the same bytes always give the same blocks: a slice that is decoded again after
//! a crash must be recognised by the store.
//!
//! The first byte of an input says the signal and the acceptance window, the rest is the request.
#![no_main]

use headroom_ingest::Signal;
use headroom_ingest::decode::{Census, Received, Tables, Window, walk};
use libfuzzer_sys::{Corpus, fuzz_target};

/// 2026-06-01, in nanoseconds since the epoch.
const RECEIVED_NS: i64 = 1_780_272_000_000_000_000;
const DAY_NS: i64 = 86_400_000_000_000;

/// Tables with a row for each record that was accepted.
const OF_RECORDS: [&str; 7] = [
    "spans",
    "logs",
    "metric_gauge",
    "metric_sum",
    "metric_histogram",
    "metric_exp_histogram",
    "metric_summary",
];

fuzz_target!(|data: &[u8]| -> Corpus {
    let Some((first, payload)) = data.split_first() else { return Corpus::Reject };
    let signal = [Signal::Traces, Signal::Logs, Signal::Metrics][usize::from(first % 3)];
    let window = if first & 0x80 == 0 {
        Window { not_before: i64::MIN, not_after: i64::MAX }
    } else {
        Window { not_before: RECEIVED_NS - DAY_NS, not_after: RECEIVED_NS + DAY_NS }
    };
    let mut census = Census::default();
    let counted = walk(signal, payload, window, RECEIVED_NS, &mut census);
    let received = Received { tenant: "acme", signal, received_ns: RECEIVED_NS, window };
    let mut tables = Tables::default();
    let stored = tables.add(received, payload);
    assert_eq!(counted.is_ok(), stored.is_ok(), "counting and storing read different requests");
    if counted.is_err() {
        return Corpus::Keep;
    }

    let (mut records, mut rejected) = (0, 0);
    let mut first_bytes = Vec::new();
    for (table, block) in tables.blocks() {
        if let Err(fault) = block.check() {
            panic!("{table}: {fault}");
        }
        let rows = block.rows() as u64;
        records += if OF_RECORDS.contains(&table) { rows } else { 0 };
        rejected += if table == "rejected" { rows } else { 0 };
        block.encode_into(&mut first_bytes);
    }
    assert_eq!(records, census.accepted, "rows stored and records accepted");
    assert_eq!(rejected, census.rejected + census.warned, "rows in the quarantine");
    assert_eq!(census.message().is_empty(), rejected == 0, "the client is told of every fault");

    let mut again = Tables::default();
    assert!(again.add(received, payload).is_ok());
    let mut second_bytes = Vec::new();
    again.blocks().iter().for_each(|(_, block)| block.encode_into(&mut second_bytes));
    assert!(first_bytes == second_bytes, "the same request gave other blocks");
    Corpus::Keep
});

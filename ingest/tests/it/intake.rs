//! Sources that are no OTLP clients: data and position are durable together.

use headroom_ingest::log::Position;
use headroom_ingest::{IngestConfig, IntakeError, Signal, Taken};
use prost::Message as _;

use crate::support::{Running, config, no_store, spans, spans_and_ids, start, store};

/// Offsets `from` to `to` of partition 0, each with one span of that number.
async fn take(r: &Running, from: u64, to: u64) -> Result<Taken, IntakeError> {
    let position =
        Position { source: "kafka/test", topic: "spans", partition: 0, from_offset: from, to_offset: to };
    // Messages one behind the other are one message.
    let payload: Vec<u8> = (from..to).flat_map(|n| spans(n, n + 1).encode_to_vec()).collect();
    r.ingest.intake().take("acme", Signal::Traces, payload, Some(&position)).await
}

fn next(r: &Running) -> Option<u64> {
    r.ingest.intake().position("kafka/test", "spans", 0).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_goes_on_exactly_where_the_log_is() {
    let store = store().await;
    let dir = tempfile::tempdir().unwrap();
    let small = || IngestConfig { max_log_bytes: 256 * 1024, ..config(dir.path()) };
    let mut sent = 0;
    for _ in 0..4 {
        let r = start(small(), &store).await;
        assert_eq!(next(&r).unwrap_or(0), sent);
        for _ in 0..20 {
            assert!(!take(&r, sent, sent + 10).await.unwrap().was_known);
            sent += 10;
        }
        assert!(take(&r, sent - 5, sent).await.unwrap().was_known);
        assert_eq!(take(&r, sent - 5, sent + 5).await, Err(IntakeError::Overlap { next: sent }));
        // As in a crash.
        drop(r);
    }
    let r = start(small(), &store).await;
    r.settled().await;
    assert_eq!(spans_and_ids(&store).await, (sent, sent));
    // A position alone: a message that held nothing.
    let alone = Position {
        source: "kafka/test",
        topic: "spans",
        partition: 0,
        from_offset: sent,
        to_offset: sent + 3,
    };
    r.ingest.intake().take("acme", Signal::Traces, Vec::new(), Some(&alone)).await.unwrap();
    r.settled().await;
    assert_eq!((next(&r), r.ingest.status().last_error.is_none()), (Some(sent + 3), true));
    r.ingest.drain().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_taken_is_later_or_never() {
    let dir = tempfile::tempdir().unwrap();
    let r = start(IngestConfig { max_log_bytes: 64 * 1024, ..config(dir.path()) }, &no_store()).await;
    let intake = r.ingest.intake();
    let bad = intake.take("acme", Signal::Traces, b"\x0a\x63\x01".to_vec(), None).await;
    assert!(matches!(bad, Err(IntakeError::Never(why)) if why.contains("not a protobuf request")));
    let mut n = 0;
    let full = loop {
        match take(&r, n, n + 50).await {
            Ok(_) => n += 50,
            Err(error) => break error,
        }
        assert!(n < 10_000);
    };
    assert!(matches!(full, IntakeError::Later { wait, .. } if wait.as_secs() == 5), "{full:?}");
    assert_eq!(next(&r), Some(n), "what was refused is not behind us");
    let path = intake.bury("kafka-test.bin".into(), b"odd".to_vec()).await.unwrap();
    assert_eq!(std::fs::read(path).unwrap(), b"odd");
    drop(r);
    assert_eq!(intake.position("kafka/test", "spans", 0), Err(IntakeError::Stopped));
    assert_eq!(intake.take("acme", Signal::Traces, vec![], None).await, Err(IntakeError::Stopped));
}

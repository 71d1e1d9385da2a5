//! What is sent, sent again, and given up.

use std::time::Duration;

use headroom_load::{Compression, Ledger, LoadError, Mix, Outcome, run};

use crate::platform::{Act, Platform};

#[tokio::test]
async fn every_transport_and_compression_arrives_whole() {
    for scheme in ["http", "grpc"] {
        for compression in [Compression::None, Compression::Gzip, Compression::Zstd] {
            let platform = Platform::start([]).await;
            let mut options = platform.options(scheme, 40);
            (options.connections, options.in_flight, options.compression) = (2, 3, compression);
            options.token = Some("secret".to_owned());
            let mut told = Vec::new();
            let report = run(&options, |progress| told.push(progress.clone())).await.unwrap();
            assert!(report.all_acknowledged(), "{report}");
            assert_eq!((report.records, report.bodies, platform.spans()), (400, 40, 400));
            assert_eq!(told.last().unwrap().acknowledged, 400);
            assert_eq!(report.sent_bytes < report.encoded_bytes, compression != Compression::None);
            assert!(report.latency.p50_ms > 0.0 && report.latency.max_ms >= report.latency.p99_ms);
            let state = platform.state.lock().unwrap();
            assert!(state.headers.iter().all(|headers| headers["authorization"] == "Bearer secret"));
        }
    }
}

#[tokio::test]
async fn logs_and_events_go_round_with_spans() {
    let platform = Platform::start([]).await;
    let mut options = platform.options("http", 12);
    options.mix = Mix { traces: 1, logs: 1, events: 1, metrics: 0 };
    let report = run(&options, |_| {}).await.unwrap();
    assert!(report.all_acknowledged(), "{report}");
    let state = platform.state.lock().unwrap();
    let rows: Vec<_> = state.stored.iter().map(|(table, rows)| (*table, rows.len())).collect();
    assert_eq!(rows, [("events", 40), ("logs", 80), ("spans", 40)]);
}

#[tokio::test]
async fn a_receiver_that_says_later_is_asked_later() {
    for (scheme, status) in [("http", "429"), ("grpc", "grpc 14")] {
        let platform = Platform::start([Act::Later(1), Act::Later(1)]).await;
        let report = run(&platform.options(scheme, 3), |_| {}).await.unwrap();
        assert!(report.all_acknowledged(), "{report}");
        assert_eq!(report.retries, [(status.to_owned(), 2)].into());
        assert_eq!((report.unanswered, platform.spans()), (0, 30));
        // Over HTTP the receiver asked for two seconds in all.
        assert!(scheme == "grpc" || report.latency.max_ms >= 2_000.0, "{report}");
    }
}

#[tokio::test]
async fn what_is_refused_for_good_is_not_sent_again() {
    for (scheme, status) in [("http", "400"), ("grpc", "grpc 3")] {
        let platform = Platform::start([Act::Take, Act::Never]).await;
        let report = run(&platform.options(scheme, 3), |_| {}).await.unwrap();
        assert_eq!((report.records_acknowledged, report.records_refused), (20, 10));
        assert!(report.retries.is_empty() && !report.all_acknowledged());
        let [refusal] = report.refusals.as_slice() else { panic!("{report}") };
        assert_eq!((refusal.body, refusal.status.as_str(), refusal.message.as_str()), (1, status, "cut off"));
    }
}

#[tokio::test]
async fn patience_ends_as_refused_or_as_unknown() {
    let dir = tempfile::tempdir().unwrap();
    let acts = [Act::Later(1), Act::Hang { stored: false }, Act::Hang { stored: false }, Act::Take];
    for (skip, outcome) in [(0, Outcome::Refused), (1, Outcome::Unknown)] {
        let platform = Platform::start(acts.into_iter().skip(skip)).await;
        let mut options = platform.options("http", 1);
        options.give_up_after = Duration::from_millis(if skip == 0 { 300 } else { 10 });
        options.ledger = Some(dir.path().join(format!("{skip}.ledger")));
        let report = run(&options, |_| {}).await.unwrap();
        assert_eq!(report.refusals[0].outcome, outcome, "{report}");
        let ledger = Ledger::read(&options.ledger.unwrap()).unwrap();
        assert_eq!((ledger.run, ledger.entries.len()), (options.run, 1));
        assert_eq!((ledger.entries[0].outcome, ledger.entries[0].attempts), (outcome, 1));
    }
}

#[tokio::test]
async fn an_answer_that_does_not_come_in_time_is_no_answer() {
    for scheme in ["http", "grpc"] {
        let platform = Platform::start([]).await;
        platform.state.lock().unwrap().think = Duration::from_millis(400);
        let mut options = platform.options(scheme, 1);
        (options.timeout, options.give_up_after) = (Duration::from_millis(100), Duration::from_millis(10));
        let report = run(&options, |_| {}).await.unwrap();
        assert_eq!((report.records_unknown, report.unanswered), (10, 1), "{report}");
        assert_eq!(report.refusals[0].status, "no answer");
    }
}

#[tokio::test]
async fn the_rate_is_kept_and_lateness_told() {
    let platform = Platform::start([]).await;
    let mut options = platform.options("http", 20);
    options.rate = Some(400.0);
    let report = run(&options, |_| {}).await.unwrap();
    // 20 bodies of 10 records, one each 25 ms: the last is due after 475 ms.
    assert!((0.475..1.5).contains(&report.seconds), "{report}");
    assert_eq!(report.rate_wanted, Some(400.0));

    // A receiver that takes 100 ms for each cannot be asked more often on one connection; the
    // schedule does not wait for it.
    platform.state.lock().unwrap().think = Duration::from_millis(100);
    options.run = headroom_load::RunId::random();
    let report = run(&options, |_| {}).await.unwrap();
    assert!(report.lateness.max_ms > 1_000.0, "{report}");
    assert!(report.rate < 120.0, "{report}");
}

#[tokio::test]
async fn a_duration_ends_a_run() {
    let platform = Platform::start([]).await;
    let mut options = platform.options("http", 1);
    (options.total, options.duration) = (None, Some(Duration::from_millis(300)));
    options.watch = vec![std::process::id()];
    options.watch_rest = Duration::from_secs(1);
    let report = run(&options, |_| {}).await.unwrap();
    assert!(report.all_acknowledged() && report.bodies > 5, "{report}");
    assert!((0.2..2.0).contains(&report.seconds), "{report}");
    assert!(report.processes[0].rss_max >= report.processes[0].rss_min);
    assert!(report.processes_cpu_seconds_per_million.is_some());
}

#[tokio::test]
async fn what_cannot_begin_is_an_error() {
    let platform = Platform::start([]).await;
    let mut options = platform.options("http", 1);
    options.watch = vec![u32::MAX];
    assert!(matches!(run(&options, |_| {}).await, Err(LoadError::Process { .. })));
    options.target = "http://127.0.0.1:9".parse().unwrap();
    let error = run(&options, |_| {}).await.unwrap_err();
    assert!(error.to_string().starts_with("cannot connect to 127.0.0.1:9: "), "{error}");
}

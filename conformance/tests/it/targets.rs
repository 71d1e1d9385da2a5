//! What cannot be checked, and what is left out.

use std::time::Duration;

use headroom_conformance::{ConformanceError, Level, Options, Verdict, list, run};
use tokio::io::AsyncWriteExt as _;

use crate::support::{Receiver, report};

async fn refused(options: Options) -> ConformanceError {
    run(&options, |_| panic!("nothing may be checked")).await.unwrap_err()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_target_that_is_not_there_is_one_error() {
    let error = refused(Options { http: Some("http://127.0.0.1:9".parse().unwrap()), ..Options::default() });
    let text = error.await.to_string();
    assert!(
        text.starts_with("the target http://127.0.0.1:9 does not answer HTTP: no connection: "),
        "{text}"
    );
    assert!(matches!(refused(Options::default()).await, ConformanceError::NoTarget));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_target_that_speaks_something_else_is_one_error() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            stream.write_all(b"220 mail.example.com ESMTP\r\n").await.unwrap();
        }
    });
    let options =
        Options { http: Some(url.parse().unwrap()), timeout: Duration::from_secs(2), ..Options::default() };
    assert!(matches!(refused(options).await, ConformanceError::Unreachable { protocol: "HTTP", .. }));
    let grpc =
        Options { grpc: Some(url.parse().unwrap()), timeout: Duration::from_secs(2), ..Options::default() };
    assert!(matches!(refused(grpc).await, ConformanceError::Unreachable { protocol: "gRPC", .. }));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_may_not_send_is_one_error() {
    let receiver = Receiver::start(1 << 20).await;
    let options = Options { token: Some("another".into()), ..receiver.options() };
    let text = refused(options).await.to_string();
    assert!(
        text.ends_with("refuses the token (HTTP status 401): give a token that may send telemetry"),
        "{text}"
    );
    let only = Options { only: Some("nothing-like-this".into()), ..receiver.options() };
    assert!(matches!(refused(only).await, ConformanceError::NothingToRun { .. }));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_transport_alone_can_be_checked() {
    let receiver = Receiver::start(1 << 20).await;
    let options = Options { grpc: None, only: Some("-traces-success".into()), ..receiver.options() };
    let report = report(&options).await;
    let reasons: Vec<_> = report
        .outcomes
        .iter()
        .map(|o| (o.id.as_str(), matches!(o.verdict, Verdict::Skipped { .. })))
        .collect();
    assert_eq!(
        reasons,
        [
            ("grpc-traces-success", true),
            ("http-protobuf-traces-success", false),
            ("http-json-traces-success", false)
        ]
    );
    assert_eq!((report.score.passed, report.score.skipped, report.grpc), (2, 1, None));
}

#[test]
fn the_list_names_every_check() {
    let list = list();
    let count = |level| list.iter().filter(|c| c.level == level).count();
    let counts = Level::ALL.map(|level| (level, count(level)));
    insta::assert_debug_snapshot!(counts, @"
    [
        (
            Must,
            319,
        ),
        (
            Should,
            58,
        ),
        (
            May,
            4,
        ),
        (
            Robustness,
            62,
        ),
    ]
    ");
}

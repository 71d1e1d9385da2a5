//! Each fault fails the checks that are about it, and no other.

use headroom_conformance::Options;

use crate::proxy::{self, Fault};
use crate::support::{Receiver, failed, report};

/// The checks that fail over HTTP for a receiver with this fault.
async fn failures(fault: Fault, only: &str) -> Vec<String> {
    let receiver = Receiver::start(1 << 20).await;
    let http = proxy::start(fault, receiver.ingest.http_addr(), false).await;
    let grpc = proxy::start(fault, receiver.ingest.grpc_addr(), true).await;
    let options = Options {
        http: Some(format!("http://{http}").parse().unwrap()),
        grpc: Some(format!("http://{grpc}").parse().unwrap()),
        only: Some(only.to_owned()),
        ..receiver.options()
    };
    let report = report(&options).await;
    assert_eq!(report.exit_code(), 1);
    let text = report.to_string();
    assert!(text.contains("\nFailed checks\n") && text.contains("  expected  "), "{text}");
    failed(&report).into_iter().map(str::to_owned).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_500_for_bad_data_is_found() {
    insta::assert_debug_snapshot!(failures(Fault::Malformed500, "http-json").await, @r#"
    [
        "http-json-gzip-corrupt",
        "http-json-gzip-truncated",
        "http-json-traces-malformed",
        "http-json-metrics-malformed",
        "http-json-logs-malformed",
        "http-json-malformed-text",
        "http-json-malformed-array",
        "http-json-malformed-type",
        "http-json-malformed-rest",
        "http-json-malformed-comma",
        "http-json-malformed-protobuf",
        "http-json-odd-nothing",
        "http-json-odd-depth",
    ]
    "#);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_lost_to_an_empty_value_is_found() {
    insta::assert_debug_snapshot!(failures(Fault::EmptyValue, "http").await, @r#"
    [
        "http-json-value-empty",
        "http-json-body-empty",
    ]
    "#);
}

#[tokio::test(flavor = "multi_thread")]
async fn gzip_that_is_not_read_is_found() {
    insta::assert_debug_snapshot!(failures(Fault::IgnoresGzip, "http-protobuf").await, @r#"
    [
        "http-protobuf-traces-gzip",
        "http-protobuf-metrics-gzip",
        "http-protobuf-logs-gzip",
        "http-protobuf-gzip-members",
        "http-protobuf-size-just-below-limit",
        "http-protobuf-size-beyond-limit-gzip",
    ]
    "#);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partial_success_without_need_is_found() {
    insta::assert_debug_snapshot!(failures(Fault::PartialAlwaysSet, "http").await, @r#"
    [
        "http-protobuf-traces-partial-success-unset",
        "http-protobuf-metrics-partial-success-unset",
        "http-protobuf-logs-partial-success-unset",
        "http-json-traces-partial-success-unset",
        "http-json-metrics-partial-success-unset",
        "http-json-logs-partial-success-unset",
    ]
    "#);
}

#[tokio::test(flavor = "multi_thread")]
async fn ids_in_base64_are_found() {
    insta::assert_debug_snapshot!(failures(Fault::Base64Ids, "hex-ids").await, @r#"
    [
        "http-json-hex-ids-lower",
        "http-json-hex-ids-upper",
        "http-json-hex-ids-any-case",
        "http-json-logs-hex-ids-any-case",
        "http-json-metrics-hex-ids-any-case",
    ]
    "#);
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_in_plain_text_are_found() {
    insta::assert_debug_snapshot!(failures(Fault::TextErrors, "http-protobuf").await, @r#"
    [
        "http-protobuf-size-beyond-limit-status",
        "http-protobuf-traces-malformed-status",
        "http-protobuf-traces-malformed-message",
        "http-protobuf-traces-malformed-details",
        "http-protobuf-metrics-malformed-status",
        "http-protobuf-metrics-malformed-message",
        "http-protobuf-metrics-malformed-details",
        "http-protobuf-logs-malformed-status",
        "http-protobuf-logs-malformed-message",
        "http-protobuf-logs-malformed-details",
        "http-protobuf-path-unknown-status",
        "http-protobuf-method-put-status",
        "http-protobuf-token-wrong-status",
    ]
    "#);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_to_send_bad_data_again_is_found() {
    insta::assert_debug_snapshot!(failures(Fault::GrpcUnavailable, "grpc-traces-malformed").await, @r#"
    [
        "grpc-traces-malformed",
        "grpc-traces-malformed-code",
    ]
    "#);
}

//! Runs against a real server, one after the other.

use std::time::{Duration, Instant};

use headroom_probes::{ProbesError, spans};
use prost::Message as _;

use crate::server::{Server, failure, probe, ran, tls, try_run};

/// A test trade: place the order, wait until it is filled, look at the position, and take the order back.
pub(crate) const TRADE: &str = r#"
[[steps]]
name = "place"
method = "POST"
url = "{{base}}/orders"
headers = { authorization = "Bearer {{token}}", idempotency-key = "{{uuid}}" }
json = { symbol = "TEST", quantity = "1", reference = "{{uuid}}", limits = [{ at = "{{timestamp}}", size = 2 }] }
expect = [{ status = 201 }, { json = "$.id", equals = "o-{{uuid}}" }]
extract = { order = { json = "$.id" } }

[[steps]]
name = "fill"
url = "{{base}}/orders/{{order}}"
repeat = { every = "10ms", at_most = 5, until = [{ json = "$.status", equals = "filled" }] }
expect = [{ json = "$.status", matches = "^(new|filled)$" }]

[[steps]]
name = "position"
url = "{{base}}/positions"
expect = [{ json = "$.positions[0].quantity", at_least = 1 }, { duration_below = "5s" }]

[[cleanup]]
name = "cancel"
method = "DELETE"
url = "{{base}}/orders/{{order}}"
"#;

pub(crate) fn secret_file(text: &str) -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("token");
    std::fs::write(&path, text).unwrap();
    (folder, format!("name = 'trade'\nsecrets = {{ token = {{ file = '{}' }} }}", path.display()))
}

#[tokio::test]
async fn a_test_trade_is_one_trace_that_the_service_joins() {
    let server = Server::start().await;
    let (_folder, keys) = secret_file("s3cr3t-token\n");
    let probe = server.probe(&keys, TRADE);
    let run = ran(&probe).await;
    assert_eq!(run.failure, None);
    let taken: Vec<_> =
        run.steps.iter().map(|step| (&*step.name, step.status, step.requests, step.cleanup)).collect();
    let (created, ok, gone) = (Some(201), Some(200), Some(204));
    assert_eq!(
        taken,
        [
            ("place", created, 1, false),
            ("fill", ok, 3, false),
            ("position", ok, 1, false),
            ("cancel", gone, 1, true)
        ]
    );

    // Each request names the trace and the span of its step, and says that it is no customer's.
    let asked = server.asked();
    assert_eq!(asked.len(), 6);
    for (asked, step) in asked.iter().zip([0, 1, 1, 1, 2, 3]) {
        let parent = format!("00-{}-{}-01", run.trace_id, hex::encode(run.steps[step].span_id));
        assert_eq!(asked.headers["traceparent"], parent, "{}", asked.line);
        assert_eq!(
            asked.headers["baggage"],
            "headroom.probe=true,headroom.probe.name=trade,user_agent.synthetic.type=test"
        );
        assert!(asked.headers["user-agent"].starts_with("headroom-probe/"));
    }
    assert_eq!(asked[0].headers["authorization"], "Bearer s3cr3t-token");
    let order: serde_json::Value = serde_json::from_str(&asked[0].body).unwrap();
    assert_eq!(order["reference"].as_str(), Some(&*asked[0].headers["idempotency-key"]));
    assert_eq!(order["limits"][0]["size"], 2);
    assert_eq!(asked[5].line, format!("DELETE /orders/o-{}", asked[0].headers["idempotency-key"]));

    // One request of spans: the root, and a client span for each step within it.
    let request = spans::of_run(&probe, &run);
    let scope = &request.resource_spans[0].scope_spans[0];
    let [root, steps @ ..] = &scope.spans[..] else { panic!("spans") };
    assert_eq!(
        (&*root.name, root.kind, root.status.as_ref(), root.parent_span_id.len()),
        ("probe trade", 1, None, 0)
    );
    assert_eq!(
        steps.iter().map(|span| &*span.name).collect::<Vec<_>>(),
        ["place", "fill", "position", "cancel"]
    );
    for span in steps {
        assert_eq!((span.kind, &span.parent_span_id, &span.trace_id), (3, &root.span_id, &root.trace_id));
        assert!(
            root.start_time_unix_nano <= span.start_time_unix_nano
                && span.end_time_unix_nano <= root.end_time_unix_nano
        );
    }
    let told = format!("{request:?}{}", serde_json::to_string(&run).unwrap());
    assert!(!told.contains("s3cr3t"), "{told}");
    assert!(told.contains("user_agent.synthetic.type") && told.contains("http.response.status_code"));
    assert!(request.encoded_len() > 500);
}

#[tokio::test]
async fn what_failed_first_is_told_and_the_clean_up_is_done() {
    let server = Server::start().await;
    let (_folder, keys) = secret_file("s3cr3t-token");
    let probe = server.probe(&keys, TRADE);
    server.set(|book| book.becomes = "rejected");
    let run = ran(&probe).await;
    let reason = "step 'fill': expected $.status to match ^(new|filled)$, found rejected";
    assert_eq!(run.failure.as_deref(), Some(reason));
    assert_eq!(run.steps.iter().map(|step| &*step.name).collect::<Vec<_>>(), ["place", "fill", "cancel"]);
    let request = spans::of_run(&probe, &run);
    let spans = &request.resource_spans[0].scope_spans[0].spans;
    assert_eq!(spans[0].status.as_ref().map(|status| (&*status.message, status.code)), Some((reason, 2)));
    assert_eq!((&spans[1].status, spans[2].status.as_ref().map(|status| status.code)), (&None, Some(2)));

    server.set(|book| book.fills_after = 100);
    assert_eq!(failure(&probe).await, "step 'fill': after 5 requests expected $.status = filled, found new");

    // It was placed, though not as expected: it is cancelled.
    let (_folder, keys) = secret_file("s3cr3t-token");
    let run = ran(&server.probe(&keys, &TRADE.replace("status = 201", "status = 409"))).await;
    assert_eq!(run.failure.as_deref(), Some("step 'place': expected status 409, found 201"));
    assert_eq!((&*run.steps[1].name, run.steps[1].status), ("cancel", Some(204)));

    // Nothing was placed: there is nothing to cancel.
    let (_folder, keys) = secret_file("s3cr3t-token");
    let probe = server.probe(&keys, &TRADE.replacen("{{base}}/orders\"", "{{base}}/broken\"", 1));
    let run = ran(&probe).await;
    assert_eq!(run.failure.as_deref(), Some("step 'place': expected status 201, found 500"));
    assert_eq!(
        run.steps[1].skipped.as_deref(),
        Some("order is not known: the step that tells it was not done")
    );
    assert_eq!(spans::of_run(&probe, &run).resource_spans[0].scope_spans[0].spans.len(), 2);
}

#[tokio::test]
async fn slow_endless_and_broken_answers_end_in_time_with_a_reason() {
    let server = Server::start().await;
    server.set(|book| book.pause = Duration::from_secs(30));
    let told = async |keys: &str| {
        let begun = Instant::now();
        let reason = failure(&server.step(keys)).await;
        assert!(begun.elapsed() < Duration::from_secs(10), "{reason}");
        reason
    };
    assert_eq!(
        told("url = '{{base}}/slow'\ntimeout = '200ms'").await,
        "step 'look': no whole answer within 200ms"
    );
    assert_eq!(
        told("url = '{{base}}/drip'\ntimeout = '300ms'").await,
        "step 'look': no whole answer within 300ms"
    );
    assert_eq!(
        told("url = '{{base}}/endless'").await,
        "step 'look': the answer is longer than 1048576 bytes"
    );
    assert_eq!(told("url = '{{base}}/broken'").await, "step 'look': expected status 200-299, found 500");
    let late = server.probe("timeout = '200ms'", "[[steps]]\nname = 'look'\nurl = '{{base}}/slow'");
    assert_eq!(failure(&late).await, "step 'look': the 200ms of a run were over");
    let waits = "[[steps]]\nname = 'look'\nurl = '{{base}}/orders/1'\nrepeat = { every = '150ms', at_most = 99, until = [{ json = '$.status', equals = 'never' }] }";
    assert_eq!(
        failure(&server.probe("timeout = '400ms'", waits)).await,
        "step 'look': the 400ms of a run were over before what it waits for was there"
    );
    // Nobody listens there.
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let reason = failure(&probe(&format!(
        "allow_networks = ['127.0.0.1']\n[[steps]]\nname = 'look'\nurl = 'http://{closed}/'"
    )))
    .await;
    assert!(reason.contains("Connection refused"), "{reason}");
}

#[tokio::test]
async fn addresses_are_guarded_on_the_first_request_and_on_every_redirect() {
    let server = Server::start().await;
    let (address, port) = (server.address, server.address.port());
    for (networks, host, word) in [
        ("", format!("127.0.0.1:{port}"), "loopback; add it, or its network, to allow_networks"),
        ("allow_networks = ['10.0.0.0/8']", format!("127.0.0.1:{port}"), "loopback"),
        ("allow_networks = ['10.0.0.0/8']", format!("localhost:{port}"), "loopback"),
        ("allow_networks = ['0.0.0.0/0']", "169.254.169.254".to_owned(), "link-local and never allowed"),
        ("allow_networks = ['::/0']", "[fd00:ec2::254]".to_owned(), "cloud metadata and never allowed"),
    ] {
        let reason =
            failure(&probe(&format!("{networks}\n[[steps]]\nname = 'look'\nurl = 'http://{host}/'"))).await;
        assert!(reason.contains(word), "{host}: {reason}");
    }
    assert!(server.asked().is_empty());

    let told = async |keys: &str| failure(&server.step(keys)).await;
    assert_eq!(
        told("url = '{{base}}/to/http~169.254.169.254/'").await,
        "step 'look': expected status 200-299, found 302"
    );
    let reason = told("url = '{{base}}/to/http~169.254.169.254/latest'\nredirects = 3").await;
    assert!(reason.contains("link-local and never allowed"), "{reason}");
    let reason = told("url = '{{base}}/to/file~/etc/passwd'\nredirects = 3").await;
    assert_eq!(reason, "step 'look': redirected to what is neither http nor https");
    let twice = format!("url = '{{{{base}}}}/to/http~{address}/to/http~{address}/echo'");
    assert_eq!(told(&format!("{twice}\nredirects = 1")).await, "step 'look': more than 1 redirects");
}

#[tokio::test]
async fn a_redirect_to_another_host_takes_no_secret_along() {
    let (server, other) = (Server::start().await, Server::start().await);
    let (_folder, keys) = secret_file("s3cr3t-token");
    let steps = |to: &Server| {
        format!(
            "[[steps]]\nname = 'look'\nmethod = 'POST'\nurl = '{{{{base}}}}/to/http~{}/echo'\nredirects = 1\ntext = 'x'\n\
             headers = {{ authorization = 'Bearer {{{{token}}}}', x-key = '{{{{token}}}}' }}",
            to.address
        )
    };
    assert_eq!(ran(&server.probe(&keys, &steps(&server))).await.failure, None);
    let same = server.asked().pop().unwrap();
    assert_eq!((&*same.line, &*same.headers["x-key"], &*same.body), ("GET /echo", "s3cr3t-token", ""));
    assert_eq!(ran(&server.probe(&keys, &steps(&other))).await.failure, None);
    let asked = other.asked().pop().unwrap();
    assert!(!format!("{asked:?}").contains("s3cr3t"), "{asked:?}");
    assert!(asked.headers.contains_key("traceparent"));
}

#[tokio::test]
async fn no_secret_is_told_whatever_the_answer_says() {
    let server = Server::start().await;
    let (_folder, keys) = secret_file("s3cr3t/token");
    let probe = server.probe(
        &keys,
        "[[steps]]\nname = 'sign in'\nurl = '{{base}}/echo?key={{token}}'\nheaders = { authorization = 'Bearer {{token}}' }\n\
         extract = { session = { json = '$.authorization', matches = 'Bearer (.+)', secret = true } }\n\
         [[steps]]\nname = 'look'\nmethod = 'POST'\nurl = '{{base}}/echo'\ntext = 'with {{session}}'\n\
         expect = [{ json = '$.body', equals = 'other' }]",
    );
    let run = ran(&probe).await;
    assert_eq!(run.failure.as_deref(), Some("step 'look': expected $.body = other, found with REDACTED"));
    assert!(run.steps[0].url.ends_with("/echo?key=REDACTED"), "{}", run.steps[0].url);
    let told = format!("{:?}{run:?}", spans::of_run(&probe, &run));
    assert!(!told.contains("s3cr3t"), "{told}");
    assert_eq!(server.lines()[0], "GET /echo?key=s3cr3t%2Ftoken");

    // Not even before it is known to be one.
    let told = server.step(
        "method = 'POST'\nurl = '{{base}}/echo'\ntext = 'session-1'\nexpect = [{ json = '$.body', equals = 'x' }]\n\
         extract = { session = { json = '$.body', secret = true } }",
    );
    assert_eq!(failure(&told).await, "step 'look': expected $.body = x, found REDACTED");

    let missing = server.probe(
        "name = 'trade'\nsecrets = { token = { env = 'HEADROOM_TEST_NO_SUCH_VARIABLE' } }",
        "[[steps]]\nname = 'look'\nurl = '{{base}}/{{token}}'",
    );
    let error = try_run(&missing).await.unwrap_err();
    assert!(matches!(error, ProbesError::Unready { .. }));
    assert_eq!(
        error.to_string(),
        "probe trade: the secret \"token\": the environment variable HEADROOM_TEST_NO_SUCH_VARIABLE is not set"
    );
}

#[tokio::test]
async fn cookies_are_shared_when_that_is_asked_for() {
    let server = Server::start().await;
    let steps = "[[steps]]\nname = 'sign in'\nurl = '{{base}}/login'\n[[steps]]\nname = 'look'\nurl = '{{base}}/echo'\n\
        expect = [{ json = '$.cookie', equals = 'session=s-1' }]";
    assert_eq!(failure(&server.probe("cookies = true", steps)).await, "it passed");
    assert_eq!(
        failure(&server.probe("", steps)).await,
        "step 'look': expected $.cookie = session=s-1, found null"
    );
    // Each run begins without any.
    server.probe("cookies = true", steps);
    assert!(
        !server.asked()[0].headers.contains_key("cookie")
            && !server.asked()[2].headers.contains_key("cookie")
    );
}

#[tokio::test]
async fn certificates_are_checked_and_their_end_is_known() {
    let (address, pem) = tls(&["localhost"], 10).await;
    let folder = tempfile::tempdir().unwrap();
    let ca = folder.path().join("ca.pem");
    std::fs::write(&ca, pem).unwrap();
    let keys = format!("allow_networks = ['127.0.0.0/8', '::1']\nca = '{}'", ca.display());
    let step = |host: &str, days: u32| {
        format!(
            "[[steps]]\nname = 'look'\nurl = 'https://{host}:{}/'\nexpect = [{{ certificate_days = {days} }}]",
            address.port()
        )
    };
    assert_eq!(failure(&probe(&format!("{keys}\n{}", step("localhost", 9)))).await, "it passed");
    let reason = failure(&probe(&format!("{keys}\n{}", step("localhost", 11)))).await;
    assert!(
        reason.starts_with("step 'look': expected a certificate for at least 11 days, found one until 20"),
        "{reason}"
    );
    let reason = failure(&probe(&format!("{keys}\n{}", step("127.0.0.1", 1)))).await;
    assert!(reason.contains("certificate not valid for name"), "{reason}");
    let unknown = format!("allow_networks = ['127.0.0.0/8', '::1']\n{}", step("localhost", 1));
    let reason = failure(&probe(&unknown)).await;
    assert!(reason.contains("invalid peer certificate: UnknownIssuer"), "{reason}");
}

//! Log records as they arrive: from OTLP to a page that follows.

use std::time::Duration;

use reqwest::{Client, Response, StatusCode};
use serde_json::{Value, json};

use crate::program::Demo;

async fn send(demo: &Demo, client: &Client, text: &str, level: i32) {
    let now = chrono::Utc::now().timestamp_nanos_opt().unwrap().to_string();
    let line = json!({"timeUnixNano": now, "severityNumber": level, "body": {"stringValue": text}});
    let service = json!({"key": "service.name", "value": {"stringValue": "order"}});
    let records = json!({"resourceLogs": [{"resource": {"attributes": [service]}, "scopeLogs": [{"logRecords": [line]}]}]});
    let request = client.post(format!("{}/v1/logs", demo.get("/otlp_http"))).json(&records);
    let answer = request.bearer_auth(demo.get("/credentials/ingest/token")).send().await.unwrap();
    assert!(answer.status().is_success(), "{}", answer.text().await.unwrap());
}

/// Reads the stream up to the next event `lines`: its id and what came.
async fn next(stream: &mut Response, text: &mut String) -> (String, Value) {
    loop {
        while let Some((event, rest)) = text.split_once("\n\n").map(|(a, b)| (a.to_owned(), b.to_owned())) {
            *text = rest;
            let field = |name: &str| {
                event.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default().trim().to_owned()
            };
            if field("event:") == "lines" {
                return (field("id:"), serde_json::from_str(&field("data:")).unwrap());
            }
        }
        let more =
            tokio::time::timeout(Duration::from_secs(30), stream.chunk()).await.expect("a line within 30 s");
        text.push_str(std::str::from_utf8(&more.unwrap().expect("the stream goes on")).unwrap());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_is_told_to_those_who_follow_and_found_by_its_words() {
    let demo = Demo::start(&["--no-sample"]);
    let client = Client::new();
    let live = format!("{}/api/v1/logs/live?q=refused&level=warn", demo.get("/web"));
    let follow = |last: Option<String>| {
        let request = client.get(&live).bearer_auth(demo.get("/credentials/sre/token"));
        let request = last.map_or(request.try_clone().unwrap(), |id| request.header("last-event-id", id));
        async move { request.send().await.unwrap() }
    };
    let mut stream = follow(None).await;
    assert_eq!(stream.status(), StatusCode::OK);
    assert_eq!(stream.headers()["content-type"], "text/event-stream");
    send(&demo, &client, "the bank REFUSED payment 1", 17).await;
    send(&demo, &client, "the bank took payment 2", 17).await;
    send(&demo, &client, "refused, but mildly", 9).await;
    let (id, arrived) = next(&mut stream, &mut String::new()).await;
    let bodies: Vec<&str> =
        arrived["lines"].as_array().unwrap().iter().map(|line| line["body"].as_str().unwrap()).collect();
    assert_eq!(bodies, ["the bank REFUSED payment 1"]);
    drop(stream);

    // What came while nobody followed is told to who takes the stream up again.
    send(&demo, &client, "refused again", 17).await;
    let mut stream = follow(Some(id)).await;
    let (mut text, mut told) = (String::new(), Vec::new());
    while !told.contains(&"refused again".to_owned()) {
        let (_, arrived) = next(&mut stream, &mut text).await;
        told.extend(
            arrived["lines"].as_array().unwrap().iter().map(|line| line["body"].as_str().unwrap().to_owned()),
        );
    }
    let (status, found) = demo.api("sre", "/api/v1/logs?q=bank").await;
    assert_eq!((status, found["lines"].as_array().unwrap().len()), (200, 2), "{found}");
    assert_eq!(found["volume"]["services"], json!([{"service": "order", "records": 2}]));
    let (status, refused) = demo.api("sre", "/api/v1/logs?q=level:loud").await;
    assert_eq!((status, refused["error"]["code"].as_str()), (400, Some("bad_request")));

    // A page that follows does not keep the node from stopping.
    let began = std::time::Instant::now();
    let _folder = demo.stop();
    assert!(began.elapsed() < Duration::from_secs(8), "stopping took {:?}", began.elapsed());
}

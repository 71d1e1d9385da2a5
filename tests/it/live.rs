//! What changed, as those hear it who follow.

use crate::program::Demo;
use reqwest::{Client, Response};
use serde_json::{Value, json};
use std::time::Duration;

struct Stream {
    response: Response,
    text: String,
}

impl Stream {
    async fn of(demo: &Demo, role: &str, last: Option<&str>) -> Self {
        let request = Client::new().get(format!("{}/api/v1/live", demo.get("/web")));
        let request = request.bearer_auth(demo.get(&format!("/credentials/{role}/token")));
        let request = match last {
            Some(id) => request.header("last-event-id", id),
            None => request,
        };
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 200);
        Self { response, text: String::new() }
    }

    /// The id and the body of the next event; none at the stream's end.
    async fn next(&mut self) -> Option<(String, Value)> {
        loop {
            if let Some((event, rest)) = self.text.split_once("\n\n") {
                let event = event.to_owned();
                self.text = rest.to_owned();
                let field = |name: &str| {
                    let line = event.lines().find_map(|line| line.strip_prefix(name));
                    line.map(|value| value.trim().to_owned())
                };
                if let (Some(id), Some(data)) = (field("id:"), field("data:")) {
                    return Some((id, serde_json::from_str(&data).unwrap()));
                }
                continue;
            }
            let more = tokio::time::timeout(Duration::from_secs(70), self.response.chunk()).await;
            let more = more.expect("a stream lasts a minute").unwrap()?;
            self.text.push_str(std::str::from_utf8(&more).unwrap());
        }
    }

    /// The id of the event that tells of a topic.
    async fn hears(&mut self, topic: &str) -> String {
        loop {
            let (id, told) = self.next().await.expect("it is told before the stream ends");
            if told["topics"].as_array().unwrap().contains(&topic.into()) {
                return id;
            }
        }
    }
}

async fn silenced(demo: &Demo) {
    let silence = json!({"matchers": ["service=\"none\""], "comment": "a test",
        "window": {"once": {"from": "2026-01-03T22:00:00Z", "until": "2099-01-03T22:00:00Z"}}});
    let request = Client::new().post(format!("{}/api/v1/silences", demo.get("/web"))).json(&silence);
    let made = request.bearer_auth(demo.get("/credentials/sre/token")).send().await.unwrap();
    assert_eq!(made.status(), 201);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_follows_hears_what_changed_that_they_may_see() {
    let demo = Demo::start(&["--no-sample"]);
    let mut lead = Stream::of(&demo, "lead", None).await;
    let (_, told) = lead.next().await.unwrap();
    assert_eq!(told, json!({"topics": [], "firing": 0}), "who has just read everything");

    // What was looked at first is known: what changes from now on is told.
    tokio::time::sleep(Duration::from_secs(3)).await;
    silenced(&demo).await;
    let id = lead.hears("silences").await;
    drop(lead);

    // What changed while nobody followed is told to who takes the stream up again, and to nobody twice.
    silenced(&demo).await;
    let mut lead = Stream::of(&demo, "lead", Some(&id)).await;
    let id = lead.hears("silences").await;
    let mut again = Stream::of(&demo, "lead", Some(&id)).await;
    let (_, told) = again.next().await.unwrap();
    assert!(!told["topics"].as_array().unwrap().contains(&"silences".into()), "{told}");
    // An id of another start of the node says nothing: everything may have changed.
    let mut other = Stream::of(&demo, "lead", Some("7.1.2")).await;
    let (_, told) = other.next().await.unwrap();
    assert_eq!(told["topics"], json!(["minute", "alerts", "silences", "deliveries", "actions", "calendar"]));

    // The minute is closed by the clock, where nothing comes. An agent hears of nothing else.
    let mut last: Option<String> = None;
    let minute = tokio::time::timeout(Duration::from_secs(150), async {
        loop {
            let mut agent = Stream::of(&demo, "agent", last.as_deref()).await;
            silenced(&demo).await;
            while let Some((id, told)) = agent.next().await {
                last = Some(id);
                assert_eq!(told["firing"], Value::Null);
                match told["topics"].as_array().unwrap().as_slice() {
                    [] => {}
                    [topic] if topic == "minute" => return,
                    other => panic!("an agent hears of {other:?}"),
                }
            }
        }
    });
    minute.await.expect("a minute is closed");
}

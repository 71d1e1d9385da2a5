//! Verdicts handed on by a link that expires.

use reqwest::Client;
use serde_json::{Value, json};

use crate::program::Demo;

#[tokio::test(flavor = "multi_thread")]
async fn a_link_opens_one_verdict_for_any_colleague_and_for_nothing_else() {
    let demo = Demo::start(&["--no-sample"]);
    let (client, web) = (Client::new(), demo.get("/web"));
    let share = async |role: &str, body: Value| {
        let request = client.post(format!("{web}/api/v1/lookup/share")).json(&body);
        let answer =
            request.bearer_auth(demo.get(&format!("/credentials/{role}/token"))).send().await.unwrap();
        (answer.status().as_u16(), answer.json::<Value>().await.unwrap())
    };
    let (status, given) = share("agent", json!({"q": "cus-1", "hours": 2})).await;
    assert_eq!(status, 200, "{given}");
    let path = given["path"].as_str().unwrap();
    let api = path.replacen("/shared", "/api/v1/lookup/shared", 1);
    assert_eq!(share("analyst", json!({"q": "cus-1"})).await.0, 403);
    for (wrong, about) in [
        (json!({"q": "cus-1", "hours": 73}), "73"),
        (json!({"q": "jo@x.com"}), "id"),
        (json!({"q": " "}), "id"),
    ] {
        let (status, body) = share("agent", wrong).await;
        assert_eq!(status, 400);
        assert!(body["error"]["message"].as_str().unwrap().contains(about), "{body}");
    }

    for role in ["agent", "sre", "analyst", "lead", "admin"] {
        let (status, body) = demo.api(role, &api).await;
        assert_eq!(status, 200, "{role}: {body}");
        assert_eq!((body["query"].as_str(), body["shared_by"].as_str()), (Some("cus-1"), Some("demo-agent")));
        assert!(body["verdict"]["sentence"].is_string());
    }
    // It opens nothing else for those whose role does not open the lookup.
    assert_eq!(demo.api("lead", "/api/v1/lookup?q=cus-1").await.0, 403);
    let changed = format!("{}x", &api[..api.len() - 4]);
    assert_eq!(demo.api("lead", &changed).await.0, 404);
    assert_eq!(
        client.get(format!("{web}{api}")).send().await.unwrap().status(),
        401,
        "nobody without a sign-in"
    );

    let (_, trail) = demo.api("admin", "/api/v1/audit?action=lookup.").await;
    let rows = trail["rows"].as_array().unwrap();
    let deeds: Vec<_> = rows.iter().map(|row| row["action"].as_str().unwrap()).collect();
    assert_eq!(deeds.iter().filter(|deed| **deed == "lookup.open_shared").count(), 5, "{deeds:?}");
    assert_eq!(deeds.last(), Some(&"lookup.share"));
    assert_eq!(rows[0]["subject"], "cus-1");
}

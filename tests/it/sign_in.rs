//! Signing in at an OpenID provider, from the button to the session.

use crate::issuer::{CLIENT, Issuer, Signed};
use crate::program::Demo;
use reqwest::header::{COOKIE, LOCATION, SET_COOKIE};
use reqwest::redirect::Policy;
use reqwest::{Client, Response, StatusCode};
use serde_json::{Value, json};

struct World {
    demo: Demo,
    issuer: Issuer,
    client: Client,
}

impl World {
    async fn start() -> Self {
        let issuer = Issuer::start().await;
        let table = format!(
            "{{issuer = \"{}\", client_id = \"{CLIENT}\", button = \"Sign in at work\", roles = {{ops = \"sre\", leads = \"lead\"}}, \
             allow_networks = [\"127.0.0.0/8\"]}}",
            issuer.url()
        );
        let settings = [
            ("HEADROOM__AUTH__OIDC", table.as_str()),
            ("HEADROOM__ALERTS__EXTERNAL_URL", "https://headroom.example.com"),
        ];
        let demo = Demo::start_with(&["--no-sample"], &settings);
        Self { demo, issuer, client: Client::builder().redirect(Policy::none()).build().unwrap() }
    }

    async fn get(&self, path: &str, cookie: &str) -> Response {
        let url = format!("{}{path}", self.demo.get("/web"));
        self.client.get(url).header(COOKIE, cookie).send().await.unwrap()
    }

    /// What the browser has after the button and the provider's page: its cookie, and the address it is sent back to.
    async fn at_the_provider(&self, more: &Value) -> (String, String) {
        let begun = self.get("/sign-in/oidc", "").await;
        assert_eq!(begun.status(), StatusCode::SEE_OTHER);
        let (name, flags) = cookie(&begun, "headroom_sign_in");
        assert!(flags.contains("HttpOnly; SameSite=Lax; Max-Age=600"), "{flags}");
        let at: url::Url = begun.headers()[LOCATION].to_str().unwrap().parse().unwrap();
        let asked: std::collections::HashMap<_, _> = at.query_pairs().into_owned().collect();
        assert_eq!(asked["redirect_uri"], "https://headroom.example.com/sign-in/oidc/callback");
        let code = self.issuer.sign_in(&at, Signed::Rsa, chrono::Utc::now().timestamp(), more);
        (name, format!("/sign-in/oidc/callback?code={code}&state={}", asked["state"]))
    }
}

/// A cookie that is set, as it is sent back, and how it is kept.
fn cookie(answer: &Response, name: &str) -> (String, String) {
    let all = answer.headers().get_all(SET_COOKIE).iter().map(|set| set.to_str().unwrap());
    let set = all.into_iter().find(|set| set.starts_with(&format!("{name}="))).unwrap();
    let (pair, flags) = set.split_once("; ").unwrap();
    (pair.to_owned(), flags.to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_the_provider_vouches_for_has_a_session_and_is_on_record() {
    let world = World::start().await;
    let methods: Value = world.get("/sign-in/methods", "").await.json().await.unwrap();
    assert_eq!(methods, json!({"oidc": "Sign in at work"}));

    let (begun, back) = world.at_the_provider(&json!({})).await;
    // Without the cookie of the browser that began it, it is nobody's.
    let foreign = world.get(&back, "").await;
    assert_eq!(foreign.status(), StatusCode::BAD_REQUEST);
    assert!(
        foreign.text().await.unwrap().starts_with("You are not signed in: this sign-in was not begun here")
    );
    let done = world.get(&format!("{back}&to=https://evil.example"), &begun).await;
    assert_eq!((done.status(), &done.headers()[LOCATION]), (StatusCode::SEE_OTHER, &"/".parse().unwrap()));
    let (session, flags) = cookie(&done, "headroom_session");
    assert!(flags.contains("HttpOnly; SameSite=Strict"), "{flags}");
    let who: Value = world.get("/api/v1/session", &session).await.json().await.unwrap();
    assert_eq!((&who["user"], &who["role"]), (&"ada@example.com".into(), &"sre".into()));
    assert_eq!(world.get(&back, &begun).await.status(), StatusCode::BAD_REQUEST, "a state is good once");

    // The provider gives her another role, which holds for the session that she has, too.
    let (begun, back) = world.at_the_provider(&json!({"roles": ["leads"]})).await;
    assert_eq!(world.get(&back, &begun).await.status(), StatusCode::SEE_OTHER);
    let who: Value = world.get("/api/v1/session", &session).await.json().await.unwrap();
    assert_eq!(who["role"], "lead");

    let nobody = json!({"roles": ["visitors"], "sub": "subject-8", "email": "eve@example.com"});
    let (begun, back) = world.at_the_provider(&nobody).await;
    let refused = world.get(&back, &begun).await;
    assert_eq!(refused.status(), StatusCode::FORBIDDEN);
    assert!(refused.text().await.unwrap().contains("your account has no role here: ask an administrator"));
    // Somebody else with her name does not get her account.
    let (begun, back) = world.at_the_provider(&json!({"sub": "subject-9"})).await;
    let refused = world.get(&back, &begun).await;
    assert!(refused.text().await.unwrap().contains("another account is called ada@example.com"));

    let (_, trail) = world.demo.api("admin", "/api/v1/audit?limit=20").await;
    let of = |action: &str| {
        let rows = trail["rows"].as_array().unwrap();
        rows.iter()
            .filter(|row| row["action"] == action)
            .map(|row| row["subject"].clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(of("login"), ["ada@example.com", "ada@example.com"]);
    assert_eq!(of("login.refused"), ["ada@example.com", "eve@example.com"]);
    assert_eq!((of("user.create").len(), of("user.change")), (1, vec!["ada@example.com".into()]));
}

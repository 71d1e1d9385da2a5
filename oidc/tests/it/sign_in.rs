//! Who comes in, and who does not.

use chrono::{DateTime, TimeDelta, Utc};
use headroom_control::Role;
use headroom_oidc::{Answer, Identity, OidcConfig, Pending, Provider};
use serde_json::{Value, json};

use crate::issuer::{CLIENT, Issuer, Signed};

struct World {
    issuer: Issuer,
    provider: Provider,
    now: DateTime<Utc>,
}

impl World {
    async fn new() -> Self {
        let issuer = Issuer::start().await;
        let config: OidcConfig = serde_json::from_value(json!({"issuer": issuer.url(), "client_id": CLIENT,
            "roles": {"ops": "sre", "leads": "lead"}, "allow_networks": ["127.0.0.0/8"]}))
        .unwrap();
        let redirect = "https://headroom.example.com/api/v1/session/oidc/callback".parse().unwrap();
        Self { issuer, provider: Provider::new(config, redirect).unwrap(), now: Utc::now() }
    }

    /// A sign-in from its beginning to its end.
    async fn sign_in(&self, signed: Signed, more: Value) -> Result<Identity, String> {
        let (at, pending) = self.provider.begin(self.now).await.unwrap();
        let code = self.issuer.sign_in(&at, signed, self.now.timestamp(), &more);
        self.finish(&answer(&code, &state(&at)), &pending).await
    }

    async fn finish(&self, answer: &Answer, pending: &Pending) -> Result<Identity, String> {
        self.provider.finish(answer, pending, self.now).await.map_err(|error| error.to_string())
    }
}

fn answer(code: &str, state: &str) -> Answer {
    Answer { code: Some(code.to_owned()), state: Some(state.to_owned()), ..Answer::default() }
}

fn state(at: &url::Url) -> String {
    at.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned()
}

#[tokio::test]
async fn whoever_the_provider_vouches_for_comes_in() {
    let world = World::new().await;
    let ada = Identity {
        subject: "subject-7".to_owned(),
        name: "ada@example.com".to_owned(),
        role: Role::Sre,
        tenant: None,
    };
    for signed in [Signed::Rsa, Signed::P256, Signed::Ed25519] {
        assert_eq!(world.sign_in(signed, json!({})).await, Ok(ada.clone()), "{signed:?}");
    }
    // Several audiences, of which this one asked; clocks that differ by half a minute.
    let of_several = json!({"aud": ["other", CLIENT], "azp": CLIENT, "iat": world.now.timestamp() + 30});
    assert_eq!(world.sign_in(Signed::Rsa, of_several).await, Ok(ada));
    assert_eq!(world.issuer.fetched_keys(), 1, "keys are kept");
}

#[tokio::test]
async fn a_token_that_is_not_to_be_trusted_lets_nobody_in() {
    let world = World::new().await;
    let now = world.now.timestamp();
    for (signed, more, why) in [
        (Signed::None, json!({}), "signed by \"none\""),
        (Signed::Hmac, json!({}), "signed by \"HS256\""),
        (Signed::Broken, json!({}), "signature is not that of a key"),
        (Signed::Rsa, json!({"nonce": "another"}), "answers another sign-in"),
        (Signed::Rsa, json!({"nonce": null}), "answers another sign-in"),
        (Signed::Rsa, json!({"iss": "https://evil.example"}), "of another issuer"),
        (Signed::Rsa, json!({"aud": "another"}), "for another client"),
        (Signed::Rsa, json!({"aud": null}), "for another client"),
        (Signed::Rsa, json!({"aud": [CLIENT, "other"]}), "does not say which asked"),
        (Signed::Rsa, json!({"azp": "other"}), "given to another client"),
        (Signed::Rsa, json!({"exp": now - 61}), "has expired"),
        (Signed::Rsa, json!({"exp": null}), "does not say when it expires"),
        (Signed::Rsa, json!({"iat": now + 300}), "of the future"),
        (Signed::Rsa, json!({"iat": now - 601}), "more than ten minutes ago"),
        (Signed::Rsa, json!({"roles": ["nobody"]}), "your account has no role here"),
    ] {
        let refused = world.sign_in(signed, more.clone()).await.unwrap_err();
        assert!(refused.contains(why), "{signed:?} {more}: {refused}");
    }
}

#[tokio::test]
async fn an_answer_belongs_to_one_sign_in_of_one_browser() {
    let world = World::new().await;
    let (at, pending) = world.provider.begin(world.now).await.unwrap();
    let code = world.issuer.sign_in(&at, Signed::Rsa, world.now.timestamp(), &json!({}));
    let not_here =
        "this sign-in was not begun here, is over already, or took longer than ten minutes; begin again";

    // Another state, none, and the cookie of another browser.
    let (_, other) = world.provider.begin(world.now).await.unwrap();
    for (answer, pending) in [
        (answer(&code, "another"), &pending),
        (Answer { code: Some(code.clone()), ..Answer::default() }, &pending),
        (answer(&code, &state(&at)), &other),
    ] {
        assert_eq!(world.finish(&answer, pending).await, Err(not_here.to_owned()));
    }
    let late = World { now: world.now + TimeDelta::minutes(10), ..World { ..world } };
    assert_eq!(late.finish(&answer(&code, &state(&at)), &pending).await, Err(not_here.to_owned()));
    let world = World { now: late.now - TimeDelta::minutes(10), ..late };

    assert!(world.finish(&answer(&code, &state(&at)), &pending).await.is_ok());
    // The same once more, and the same code in a sign-in of its own.
    assert_eq!(world.finish(&answer(&code, &state(&at)), &pending).await, Err(not_here.to_owned()));
    let (at, pending) = world.provider.begin(world.now).await.unwrap();
    let again = world.finish(&answer(&code, &state(&at)), &pending).await;
    assert_eq!(again, Err("the provider refused: invalid_grant".to_owned()));

    // What the provider says against it is told, and nothing else of it.
    let (at, pending) = world.provider.begin(world.now).await.unwrap();
    let denied = Answer {
        state: Some(state(&at)),
        error: Some("access_denied<script>".to_owned()),
        ..Answer::default()
    };
    assert_eq!(
        world.finish(&denied, &pending).await,
        Err("the provider refused: access_deniedscript".to_owned())
    );
}

#[tokio::test]
async fn a_code_of_another_browser_is_refused_by_its_verifier() {
    let world = World::new().await;
    let (at, _) = world.provider.begin(world.now).await.unwrap();
    let stolen = world.issuer.sign_in(&at, Signed::Rsa, world.now.timestamp(), &json!({}));
    let (mine, pending) = world.provider.begin(world.now).await.unwrap();
    let refused = world.finish(&answer(&stolen, &state(&mine)), &pending).await;
    assert_eq!(refused, Err("the provider refused: invalid_grant".to_owned()));
}

/// Keys that are not known are looked for once a minute at most, so that made-up ids cost nothing.
#[tokio::test]
async fn a_key_that_is_not_known_is_looked_for_once_a_minute() {
    let mut world = World::new().await;
    assert!(world.sign_in(Signed::Rsa, json!({})).await.is_ok());
    world.issuer.rotate("new");
    world.now += TimeDelta::minutes(1);
    assert!(world.sign_in(Signed::Rsa, json!({})).await.is_ok(), "the provider has changed its key");
    assert_eq!(world.issuer.fetched_keys(), 2);
    for id in ["made-up", "too"] {
        let refused = world.sign_in(Signed::OtherId(id), json!({})).await.unwrap_err();
        assert!(refused.contains("signature is not that of a key"), "{refused}");
    }
    assert_eq!(world.issuer.fetched_keys(), 2);
    world.now += TimeDelta::hours(1);
    assert!(world.sign_in(Signed::Rsa, json!({})).await.is_ok());
    assert_eq!(world.issuer.fetched_keys(), 3, "keys are fetched anew after an hour");
}

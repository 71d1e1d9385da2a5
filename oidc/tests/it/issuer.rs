//! A small OpenID provider.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::extract::{Form, Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse as _, Redirect, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use ring::hmac;
use ring::rand::SystemRandom;
use ring::rsa::PublicKeyComponents;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair,
};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

pub(crate) const CLIENT: &str = "headroom";

/// How the next token is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Signed {
    Rsa,
    P256,
    Ed25519,
    /// Not at all.
    None,
    /// By HMAC, with the public key as the secret.
    Hmac,
    /// By the RSA key, with another one's id.
    OtherId(&'static str),
    /// By the RSA key, with a bit of the signature turned.
    Broken,
}

struct Inner {
    address: SocketAddr,
    rsa: RsaKeyPair,
    p256: EcdsaKeyPair,
    ed25519: Ed25519KeyPair,
    /// Codes that were given out: the challenge each belongs to.
    codes: HashMap<String, String>,
    token: Value,
    signed: Signed,
    /// The id that the RSA key goes by in the JWKS.
    rsa_id: &'static str,
    fetched_keys: usize,
}

#[derive(Clone)]
pub(crate) struct Issuer(Arc<Mutex<Inner>>);

impl Issuer {
    pub(crate) async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let random = SystemRandom::new();
        let p256 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
        let ed25519 = Ed25519KeyPair::generate_pkcs8(&random).unwrap();
        let issuer = Self(Arc::new(Mutex::new(Inner {
            address: listener.local_addr().unwrap(),
            rsa: RsaKeyPair::from_der(include_bytes!("rsa.der")).unwrap(),
            p256: EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, p256.as_ref(), &random).unwrap(),
            ed25519: Ed25519KeyPair::from_pkcs8(ed25519.as_ref()).unwrap(),
            codes: HashMap::new(),
            token: json!({}),
            signed: Signed::Rsa,
            rsa_id: "rsa",
            fetched_keys: 0,
        })));
        let app = Router::new()
            .route("/.well-known/openid-configuration", get(discovery))
            .route("/authorize", get(authorize))
            .route("/chosen/{who}", get(chosen))
            .route("/keys", get(keys))
            .route("/token", post(token))
            .with_state(issuer.clone());
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        issuer
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.0.lock().unwrap().address)
    }

    /// Somebody signs in at the page of an address: the code they are sent back with. What the token says is made from
    /// what is usual and `more`.
    pub(crate) fn sign_in(&self, at: &url::Url, signed: Signed, now: i64, more: &Value) -> String {
        let asked: HashMap<String, String> = at.query_pairs().into_owned().collect();
        assert_eq!(
            (asked["response_type"].as_str(), asked["code_challenge_method"].as_str()),
            ("code", "S256")
        );
        let mut token = json!({"iss": self.url(), "aud": CLIENT, "sub": "subject-7", "exp": now + 300, "iat": now,
            "nonce": asked["nonce"], "email": "ada@example.com", "email_verified": true, "roles": ["ops"]});
        token.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        token.as_object_mut().unwrap().retain(|_, value| !value.is_null());
        let mut inner = self.0.lock().unwrap();
        let code = format!("code-{}", inner.codes.len());
        inner.codes.insert(code.clone(), asked["code_challenge"].clone());
        (inner.token, inner.signed) = (token, signed);
        code
    }

    /// From now on the RSA key goes by another id.
    pub(crate) fn rotate(&self, id: &'static str) {
        self.0.lock().unwrap().rsa_id = id;
    }

    pub(crate) fn fetched_keys(&self) -> usize {
        self.0.lock().unwrap().fetched_keys
    }
}

async fn discovery(State(issuer): State<Issuer>) -> Json<Value> {
    let url = issuer.url();
    Json(json!({"issuer": url, "authorization_endpoint": format!("{url}/authorize"),
        "token_endpoint": format!("{url}/token"), "jwks_uri": format!("{url}/keys")}))
}

/// The page that a person sees: who they are is chosen.
async fn authorize(RawQuery(asked): RawQuery) -> Html<String> {
    let asked = asked.unwrap_or_default().replace('&', "&amp;");
    let link = |who: &str, words: &str| format!("<p><a href=\"/chosen/{who}?{asked}\">{words}</a></p>");
    let people =
        [link("ada", "I am Ada, of ops"), link("eve", "I am Eve, a visitor"), link("nobody", "Not now")];
    Html(format!("<!doctype html><title>The provider</title><h1>Who are you?</h1>{}", people.concat()))
}

/// Sends the browser back: with a code, or with a refusal.
async fn chosen(
    State(issuer): State<Issuer>,
    Path(who): Path<String>,
    RawQuery(asked): RawQuery,
) -> Redirect {
    let at: url::Url = format!("{}/authorize?{}", issuer.url(), asked.unwrap_or_default()).parse().unwrap();
    let asked: HashMap<String, String> = at.query_pairs().into_owned().collect();
    let mut back: url::Url = asked["redirect_uri"].parse().unwrap();
    let visitor = json!({"roles": ["visitors"], "sub": "subject-8", "email": "eve@example.com"});
    let more = if who == "eve" { visitor } else { json!({}) };
    let code = issuer.sign_in(&at, Signed::Rsa, chrono::Utc::now().timestamp(), &more);
    match who.as_str() {
        "nobody" => back.query_pairs_mut().append_pair("error", "access_denied"),
        _ => back.query_pairs_mut().append_pair("code", &code),
    };
    back.query_pairs_mut().append_pair("state", &asked["state"]);
    Redirect::to(back.as_str())
}

async fn keys(State(issuer): State<Issuer>) -> Json<Value> {
    let mut inner = issuer.0.lock().unwrap();
    inner.fetched_keys += 1;
    let PublicKeyComponents { n, e } = PublicKeyComponents::<Vec<u8>>::from(inner.rsa.public());
    let point = inner.p256.public_key().as_ref();
    Json(json!({"keys": [
        {"kty": "RSA", "kid": inner.rsa_id, "use": "sig", "alg": "RS256", "n": BASE64.encode(n), "e": BASE64.encode(e)},
        {"kty": "EC", "kid": "p256", "crv": "P-256", "x": BASE64.encode(&point[1..33]), "y": BASE64.encode(&point[33..])},
        {"kty": "OKP", "kid": "ed", "crv": "Ed25519", "x": BASE64.encode(inner.ed25519.public_key())},
        {"kty": "oct", "kid": "shared", "k": "c2VjcmV0"},
        "not a key",
    ]}))
}

async fn token(State(issuer): State<Issuer>, Form(form): Form<HashMap<String, String>>) -> Response {
    let mut inner = issuer.0.lock().unwrap();
    let challenge = BASE64.encode(Sha256::digest(&form["code_verifier"]));
    // A code is good once, for whoever has the verifier.
    if inner.codes.remove(&form["code"]).is_none_or(|of| of != challenge) {
        return (StatusCode::BAD_REQUEST, Json(json!({"error": "invalid_grant"}))).into_response();
    }
    Json(json!({"access_token": "a", "token_type": "Bearer", "id_token": inner.jwt()})).into_response()
}

impl Inner {
    fn jwt(&self) -> String {
        let (alg, kid) = match self.signed {
            Signed::Rsa | Signed::Broken => ("RS256", self.rsa_id),
            Signed::P256 => ("ES256", "p256"),
            Signed::Ed25519 => ("EdDSA", "ed"),
            Signed::None => ("none", self.rsa_id),
            Signed::Hmac => ("HS256", self.rsa_id),
            Signed::OtherId(id) => ("RS256", id),
        };
        let part = |value: &Value| BASE64.encode(value.to_string());
        let signed = format!("{}.{}", part(&json!({"alg": alg, "kid": kid})), part(&self.token));
        let message = signed.as_bytes();
        let random = SystemRandom::new();
        let rsa = || {
            let mut signature = vec![0; self.rsa.public().modulus_len()];
            self.rsa.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature).unwrap();
            signature
        };
        let signature = match self.signed {
            Signed::Rsa | Signed::OtherId(_) => rsa(),
            Signed::Broken => {
                rsa().into_iter().enumerate().map(|(n, byte)| if n == 9 { byte ^ 1 } else { byte }).collect()
            }
            Signed::P256 => self.p256.sign(&random, message).unwrap().as_ref().to_vec(),
            Signed::Ed25519 => self.ed25519.sign(message).as_ref().to_vec(),
            Signed::None => Vec::new(),
            Signed::Hmac => {
                let key = hmac::Key::new(hmac::HMAC_SHA256, self.rsa.public().as_ref());
                hmac::sign(&key, message).as_ref().to_vec()
            }
        };
        format!("{signed}.{}", BASE64.encode(signature))
    }
}

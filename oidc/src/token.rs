//! An ID token judged: OpenID Connect Core, 3.1.3.7. No network, no clock.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde_json::{Map, Value};

pub use crate::keys::Keys;

/// Seconds that the provider's clock and ours may differ.
const SKEW: i64 = 60;
/// Seconds since a token was made after which it is no answer to a sign-in any more.
const OLDEST: i64 = 600;
/// Bytes of the largest token that is looked at.
const LARGEST: usize = 64 << 10;

/// What a token must say.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    /// Who made it.
    pub issuer: &'a str,
    /// Whom it is for.
    pub client: &'a str,
    /// What the sign-in was begun with.
    pub nonce: &'a str,
    /// Seconds since the epoch.
    pub now: i64,
}

/// A token taken apart, not yet judged.
#[derive(Debug)]
pub struct Token<'a> {
    algorithm: String,
    /// The key that it says it was signed with.
    pub key: Option<String>,
    signed: &'a str,
    signature: Vec<u8>,
    claims: Map<String, Value>,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    crit: Option<Value>,
}

impl<'a> Token<'a> {
    /// Takes a token apart.
    ///
    /// # Errors
    /// It is none, or is signed in a way that is not taken.
    pub fn read(text: &'a str) -> Result<Self, String> {
        let broken = || "the ID token is not a signed JWT".to_owned();
        if text.len() > LARGEST {
            return Err("the ID token is larger than 64 kB".to_owned());
        }
        let (signed, signature) = text.rsplit_once('.').ok_or_else(broken)?;
        let (header, claims) = signed.split_once('.').ok_or_else(broken)?;
        let bytes = |part: &str| URL_SAFE_NO_PAD.decode(part).map_err(|_| broken());
        let header: Header = serde_json::from_slice(&bytes(header)?).map_err(|_| broken())?;
        if !["RS256", "ES256", "EdDSA"].contains(&header.alg.as_str()) {
            return Err(format!(
                "the ID token is signed by {:?}; RS256, ES256 and EdDSA are taken",
                header.alg
            ));
        }
        if header.crit.is_some() {
            return Err("the ID token has extensions that must be understood and are not".to_owned());
        }
        Ok(Self {
            algorithm: header.alg,
            key: header.kid,
            signed,
            signature: bytes(signature)?,
            claims: serde_json::from_slice(&bytes(claims)?).map_err(|_| broken())?,
        })
    }

    /// Its claims, if it is signed by one of the keys and says what it must.
    ///
    /// # Errors
    /// What it says instead, in words.
    pub fn judge(self, keys: &Keys, expected: &Expected<'_>) -> Result<Map<String, Value>, String> {
        if !keys.verify(self.key.as_deref(), &self.algorithm, self.signed.as_bytes(), &self.signature) {
            return Err("the ID token's signature is not that of a key of the provider".to_owned());
        }
        let claims = self.claims;
        let text = |name: &str| claims.get(name).and_then(Value::as_str);
        let seconds = |name: &str| claims.get(name).and_then(Value::as_f64).map(|seconds| seconds as i64);
        if text("iss") != Some(expected.issuer) {
            return Err("the ID token is of another issuer".to_owned());
        }
        let audiences: Vec<&str> = match claims.get("aud") {
            Some(Value::String(one)) => vec![one],
            Some(Value::Array(all)) => all.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        };
        if !audiences.contains(&expected.client) {
            return Err("the ID token is for another client".to_owned());
        }
        // With several audiences, or where it is said, the one that asked must be this one.
        match text("azp") {
            Some(party) if party != expected.client => {
                return Err("the ID token was given to another client".to_owned());
            }
            None if audiences.len() > 1 => {
                return Err("the ID token is for several clients, and does not say which asked".to_owned());
            }
            _ => {}
        }
        let expires = seconds("exp").ok_or("the ID token does not say when it expires")?;
        if expired(expires, expected.now) {
            return Err("the ID token has expired".to_owned());
        }
        let made = seconds("iat").ok_or("the ID token does not say when it was made")?;
        if made > expected.now.saturating_add(SKEW) {
            return Err("the ID token is of the future: compare the clocks".to_owned());
        }
        if made < expected.now - OLDEST {
            return Err("the ID token was made more than ten minutes ago".to_owned());
        }
        if seconds("nbf").is_some_and(|from| from > expected.now.saturating_add(SKEW)) {
            return Err("the ID token is not valid yet: compare the clocks".to_owned());
        }
        let same = |nonce: &str| headroom_control::same_secret(nonce.as_bytes(), expected.nonce.as_bytes());
        if !text("nonce").is_some_and(same) {
            return Err("the ID token answers another sign-in".to_owned());
        }
        Ok(claims)
    }
}

fn expired(expires: i64, now: i64) -> bool {
    expires.saturating_add(SKEW) <= now
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn no_text_is_a_token_by_chance(text in ".{0,300}") {
            let keys = Keys::default();
            let expected = Expected { issuer: "i", client: "c", nonce: "n", now: 0 };
            if let Ok(token) = Token::read(&text) {
                proptest::prop_assert!(token.judge(&keys, &expected).is_err());
            }
        }
    }

    #[test]
    fn skew_is_allowed_once_and_no_more() {
        assert!(!expired(1_000, 1_059));
        assert!(expired(1_000, 1_060));
    }
}

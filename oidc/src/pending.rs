//! What must be remembered from the beginning of a sign-in to its end.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use headroom_control::random_text;
use sha2::{Digest as _, Sha256};

/// A sign-in that was begun. The browser that began it keeps it in a cookie: nobody else can end it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pending {
    /// Comes back in the address.
    pub(crate) state: String,
    /// Comes back in the ID token.
    pub(crate) nonce: String,
    /// Shows at the token endpoint that the code was asked for here (RFC 7636).
    pub(crate) verifier: String,
    /// When it was begun, seconds since the epoch.
    pub(crate) begun: i64,
}

/// Seconds that a sign-in may take, from the button to the answer.
pub const PENDING_FOR: i64 = 600;

impl Pending {
    pub(crate) fn new(now: DateTime<Utc>) -> Self {
        let [state, nonce, verifier] = [random_text(), random_text(), random_text()];
        Self { state, nonce, verifier, begun: now.timestamp() }
    }

    /// Whether it may still be ended.
    pub(crate) fn is_open(&self, now: DateTime<Utc>) -> bool {
        (0..PENDING_FOR).contains(&(now.timestamp() - self.begun))
    }

    /// As the cookie has it.
    pub fn cookie(&self) -> String {
        format!("{}.{}.{}.{}", self.state, self.nonce, self.verifier, self.begun)
    }

    /// What a cookie says; none if it is no such cookie.
    pub fn read(cookie: &str) -> Option<Self> {
        let parts: Vec<&str> = cookie.split('.').collect();
        let [state, nonce, verifier, begun] = parts.as_slice() else { return None };
        let begun = begun.parse().ok()?;
        let fits = |part: &&&str| {
            part.len() == 43 && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
        };
        [state, nonce, verifier].iter().all(fits).then(|| Self {
            state: (*state).to_owned(),
            nonce: (*nonce).to_owned(),
            verifier: (*verifier).to_owned(),
            begun,
        })
    }

    /// The verifier's hash, by S256.
    pub(crate) fn challenge(&self) -> String {
        URL_SAFE_NO_PAD.encode(Sha256::digest(&self.verifier))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_comes_back_as_it_went_and_another_is_none() {
        let pending = Pending::new(Utc::now());
        assert_eq!(Pending::read(&pending.cookie()), Some(pending));
        for wrong in ["", "a.b.c.1", "...", &format!("{}.x", Pending::new(Utc::now()).cookie())] {
            assert_eq!(Pending::read(wrong), None, "{wrong}");
        }
    }

    /// RFC 7636, appendix B.
    #[test]
    fn the_challenge_is_that_of_the_standard() {
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk".to_owned();
        let pending = Pending { verifier, ..Pending::new(Utc::now()) };
        assert_eq!(pending.challenge(), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }
}

//! Standard Webhooks 1.0.0: `webhook-id`, `webhook-timestamp`, `webhook-signature`.
//!
//! A signature is `v1,` and the base64 of HMAC-SHA256 over `id.timestamp.body`. While a secret is changed a message bears
//! one signature for each, separated by spaces, and a receiver takes it if it knows one of them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, TimeDelta, Utc};
use hmac::{Hmac, Mac as _};
use serde::Deserialize;
use sha2::Sha256;
use subtle::ConstantTimeEq as _;

/// How far a message's time may be off for [`verify`], as in the specification's own libraries.
pub const TOLERANCE: TimeDelta = TimeDelta::minutes(5);

/// A secret shared with a receiver: `whsec_` and 24 to 64 bytes in base64. It is never printed.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct SigningSecret(Vec<u8>);

impl std::fmt::Debug for SigningSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SigningSecret(..)")
    }
}

impl std::str::FromStr for SigningSecret {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = "secret must be whsec_ followed by 24 to 64 bytes in base64; make one with: echo whsec_$(openssl rand -base64 32)";
        let encoded = text.strip_prefix("whsec_").ok_or(wrong)?;
        let key = STANDARD.decode(encoded).map_err(|_| wrong)?;
        if (24..=64).contains(&key.len()) { Ok(Self(key)) } else { Err(wrong.to_owned()) }
    }
}

impl TryFrom<String> for SigningSecret {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

/// Why a message is not taken for genuine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// `webhook-timestamp` is no number of seconds since 1970.
    #[error("webhook-timestamp is no unix time in seconds")]
    Timestamp,
    /// The message is too old, or from the future: it may be a replay.
    #[error("webhook-timestamp is more than {} seconds off", TOLERANCE.num_seconds())]
    Stale,
    /// No signature fits.
    #[error("webhook-signature holds no v1 signature of a known secret")]
    Signature,
}

/// The `webhook-signature` of a body by each secret, or nothing without secrets.
pub fn sign(secrets: &[SigningSecret], id: &str, timestamp: i64, body: &[u8]) -> String {
    let timestamp = timestamp.to_string();
    let signatures: Vec<String> = secrets
        .iter()
        .map(|secret| format!("v1,{}", STANDARD.encode(mac(secret, id, &timestamp, body).into_bytes())))
        .collect();
    signatures.join(" ")
}

/// The headers of a message at `now`; without secrets the id and the time alone.
pub fn headers(
    secrets: &[SigningSecret],
    id: &str,
    now: DateTime<Utc>,
    body: &[u8],
) -> impl Iterator<Item = (&'static str, String)> {
    let signature =
        (!secrets.is_empty()).then(|| ("webhook-signature", sign(secrets, id, now.timestamp(), body)));
    [("webhook-id", id.to_owned()), ("webhook-timestamp", now.timestamp().to_string())]
        .into_iter()
        .chain(signature)
}

/// Checks a message that came in, by the three headers as they stood there and the body's bytes as they came.
///
/// # Errors
/// What is wrong, to tell the sender. It says nothing about the secrets.
pub fn verify(
    secrets: &[SigningSecret],
    id: &str,
    timestamp: &str,
    signatures: &str,
    body: &[u8],
    now: DateTime<Utc>,
) -> Result<(), VerifyError> {
    let seconds: i64 = timestamp.parse().map_err(|_| VerifyError::Timestamp)?;
    let at = DateTime::from_timestamp(seconds, 0).ok_or(VerifyError::Timestamp)?;
    // To the second, as the timestamp is.
    if (now.timestamp() - at.timestamp()).abs() > TOLERANCE.num_seconds() {
        return Err(VerifyError::Stale);
    }
    let claimed: Vec<Vec<u8>> = signatures
        .split(' ')
        .filter_map(|signature| STANDARD.decode(signature.strip_prefix("v1,")?).ok())
        .collect();
    let genuine = secrets.iter().any(|secret| {
        let expected = mac(secret, id, timestamp, body).into_bytes();
        claimed.iter().any(|claimed| bool::from(expected.as_slice().ct_eq(claimed)))
    });
    if genuine { Ok(()) } else { Err(VerifyError::Signature) }
}

fn mac(
    secret: &SigningSecret,
    id: &str,
    timestamp: &str,
    body: &[u8],
) -> hmac::digest::CtOutput<Hmac<Sha256>> {
    let mut mac =
        Hmac::<Sha256>::new_from_slice(&secret.0).expect("invariant: hmac takes keys of any length");
    mac.update(format!("{id}.{timestamp}.").as_bytes());
    mac.update(body);
    mac.finalize()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "msg_27UH4WbU6Z5A5EzD8u03UvzRbpk";
    const BODY: &[u8] = br#"{"email":"test@example.com","username":"test_user"}"#;
    const SIGNATURE: &str = "v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw=";
    const AT: i64 = 1_649_367_553;

    fn published() -> SigningSecret {
        "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD".parse().expect("a secret")
    }

    fn other() -> SigningSecret {
        format!("whsec_{}", STANDARD.encode([7_u8; 32])).parse().expect("a secret")
    }

    fn verified(secrets: &[SigningSecret], signatures: &str, off: i64) -> Result<(), VerifyError> {
        let now = DateTime::from_timestamp(AT + off, 999_999_999).expect("a time");
        verify(secrets, ID, &AT.to_string(), signatures, BODY, now)
    }

    #[test]
    fn the_published_vector() {
        assert_eq!(sign(&[published()], ID, AT, BODY), SIGNATURE);
        assert_eq!(verified(&[published()], SIGNATURE, 0), Ok(()));
    }

    #[test]
    fn either_secret_serves_while_they_are_changed() {
        let both = sign(&[other(), published()], ID, AT, BODY);
        assert!(both.ends_with(&format!(" {SIGNATURE}")), "{both}");
        assert_eq!(verified(&[published()], &both, 0), Ok(()));
        assert_eq!(verified(&[other()], &both, 0), Ok(()));
        assert_eq!(verified(&[other(), published()], SIGNATURE, 0), Ok(()));
    }

    #[test]
    fn what_is_not_genuine_is_refused() {
        for bad in ["", "v1,", "v1,AAAA", "v1a,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw=", "v1,***"] {
            assert_eq!(verified(&[published()], bad, 0), Err(VerifyError::Signature), "{bad}");
        }
        assert_eq!(verified(&[other()], SIGNATURE, 0), Err(VerifyError::Signature));
        assert_eq!(verified(&[], SIGNATURE, 0), Err(VerifyError::Signature));
        let now = DateTime::from_timestamp(AT, 0).expect("a time");
        let refused = verify(&[published()], ID, "soon", SIGNATURE, BODY, now);
        assert_eq!(refused, Err(VerifyError::Timestamp));
        let changed = verify(&[published()], ID, &AT.to_string(), SIGNATURE, b"{}", now);
        assert_eq!(changed, Err(VerifyError::Signature));
    }

    #[test]
    fn five_minutes_are_tolerated_either_way() {
        for off in [-300, 300] {
            assert_eq!(verified(&[published()], SIGNATURE, off), Ok(()), "{off}");
        }
        for off in [-301, 301] {
            assert_eq!(verified(&[published()], SIGNATURE, off), Err(VerifyError::Stale), "{off}");
        }
    }

    #[test]
    fn secrets_are_checked_and_not_shown() {
        for bad in ["", "C2FVsBQIhrscChlQIMV+b5sSYspob7oD", "whsec_AAAA", "whsec_***"] {
            assert!(bad.parse::<SigningSecret>().is_err(), "{bad}");
        }
        assert_eq!(format!("{:?}", published()), "SigningSecret(..)");
    }
}

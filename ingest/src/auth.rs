//! Who may send.

/// Why a sender is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AuthRefusal {
    /// No token was sent.
    #[error("a token is needed: send the header authorization with the value Bearer and an ingest token")]
    Missing,
    /// The token is not known, or was revoked.
    #[error("the token is not known or was revoked: make a new one with the role ingest")]
    Unknown,
    /// The token is good, but not for sending.
    #[error("the token is not for sending: use one with the role ingest")]
    WrongRole,
    /// It cannot be said now.
    #[error("tokens cannot be checked now, try again")]
    Unavailable,
}

/// Knows which tenant a token belongs to. Called on I/O threads for each request: it must
/// answer from memory or a local database.
pub trait Authenticator: Send + Sync {
    /// The tenant of the holder of `bearer` (the token without the word Bearer).
    fn tenant(&self, bearer: Option<&str>) -> Result<String, AuthRefusal>;
}

/// The token in an `Authorization` header's value.
pub(crate) fn bearer(headers: &http::HeaderMap) -> Option<&str> {
    let value = headers.get(::http::header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim()).filter(|token| !token.is_empty())
}

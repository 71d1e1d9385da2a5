//! Why somebody is not let in, in words that they may read.

/// The error of this crate.
#[derive(Debug, thiserror::Error)]
pub enum OidcError {
    /// The table `[auth.oidc]` is wrong.
    #[error("auth.oidc.{key}: {problem}")]
    Config {
        /// The key.
        key: &'static str,
        /// What is wrong with it, and what to write.
        problem: String,
    },
    /// The provider cannot be reached, or answers what it should not.
    #[error("the provider cannot be asked: {0}")]
    Provider(String),
    /// The answer does not belong to a sign-in that this browser began, or comes too late.
    #[error("this sign-in was not begun here, is over already, or took longer than ten minutes; begin again")]
    NotPending,
    /// The provider refused.
    #[error("the provider refused: {0}")]
    Refused(String),
    /// The ID token is not to be trusted.
    #[error("the provider's answer is not to be trusted: {0}")]
    Token(String),
    /// Who it is may not come in.
    #[error("{why}")]
    NotAllowed {
        /// Who it is, as far as that is known.
        who: String,
        /// Why not, and what to do.
        why: String,
    },
}

/// Result with [`OidcError`].
pub type Result<T> = std::result::Result<T, OidcError>;

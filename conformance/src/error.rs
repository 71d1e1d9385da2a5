//! Why the suite could not run.

/// Nothing was checked.
#[derive(Debug, thiserror::Error)]
pub enum ConformanceError {
    /// No address was given.
    #[error("no target: give the URL of OTLP over HTTP, of OTLP over gRPC, or both")]
    NoTarget,
    /// An address that cannot be used.
    #[error("the target {url} cannot be used: {what}")]
    Target {
        /// The address.
        url: String,
        /// What is wrong with it.
        what: &'static str,
    },
    /// A file for TLS that cannot be used.
    #[error("{} cannot be used for TLS: {what}", path.display())]
    Tls {
        /// The file.
        path: std::path::PathBuf,
        /// What is wrong with it.
        what: String,
    },
    /// A header that cannot be sent.
    #[error("the header {name:?} cannot be sent: a name is a token, and a value has no line breaks")]
    Header {
        /// Its name.
        name: String,
    },
    /// Nothing listens there, or it does not speak the protocol.
    #[error("the target {url} does not answer {protocol}: {what}")]
    Unreachable {
        /// The address.
        url: String,
        /// What was spoken.
        protocol: &'static str,
        /// What happened instead.
        what: String,
    },
    /// The receiver wants another token.
    #[error("the target {url} refuses the token ({answer}): give a token that may send telemetry")]
    Unauthorized {
        /// The address.
        url: String,
        /// The code of the answer.
        answer: String,
    },
    /// The filter leaves nothing over.
    #[error("no check has {only:?} in its id")]
    NothingToRun {
        /// The filter.
        only: String,
    },
}

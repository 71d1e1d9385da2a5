//! What can stop the sample platform.

/// Why a run ended early.
#[derive(Debug, thiserror::Error)]
pub enum SampleError {
    /// The endpoint is no URL a gRPC client can use.
    #[error(
        "endpoint `{endpoint}` is no usable OTLP/gRPC address: {reason}; write it like http://127.0.0.1:4317"
    )]
    Endpoint {
        /// The endpoint as configured.
        endpoint: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The token cannot be sent in a header.
    #[error("the token holds characters that no HTTP header may carry; copy it again")]
    Token,
    /// A setting makes no sense.
    #[error("setting `{name}` is {value}: {hint}")]
    Setting {
        /// The setting's name.
        name: &'static str,
        /// Its value.
        value: String,
        /// What would be right.
        hint: &'static str,
    },
    /// A file of limits says something else than limits.
    #[error("{file}:{line}: {reason}")]
    Limits {
        /// The file.
        file: String,
        /// The line, from 1.
        line: usize,
        /// What is wrong with it, and what would be right.
        reason: String,
    },
    /// The receiver refused for good, or stayed away too long.
    #[error("{signal} could not be delivered to {endpoint}: {reason}")]
    Delivery {
        /// `spans`, `logs` or `metrics`.
        signal: &'static str,
        /// The receiver's address.
        endpoint: String,
        /// The receiver's answer, or how it could not be reached.
        reason: String,
    },
}

/// Result of this crate.
pub type Result<T, E = SampleError> = std::result::Result<T, E>;

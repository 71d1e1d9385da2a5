//! Why a source cannot be started.

/// A source cannot be started.
#[derive(Debug, thiserror::Error)]
pub enum KafkaError {
    /// A setting cannot be used.
    #[error("{of}: {what}")]
    Setting {
        /// Which source: its name and group.
        of: String,
        /// What is wrong and what would be right.
        what: String,
    },
    /// librdkafka refused to make a client.
    #[error("{of}: cannot make a client: {error}")]
    Client {
        /// Which source.
        of: String,
        /// What it said.
        error: rdkafka::error::KafkaError,
    },
    /// The system gave no thread.
    #[error("kafka: cannot start a thread: {0}")]
    Thread(std::io::Error),
}

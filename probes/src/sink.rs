//! Where the spans of runs go.

use std::time::Duration;

use futures::future::BoxFuture;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;

/// Takes the spans of a run.
pub trait Sink: Send + Sync {
    /// Takes spans of a tenant. A sink that sends under a token of its own has that token's tenant instead.
    fn send<'a>(
        &'a self,
        tenant: &'a str,
        spans: &'a ExportTraceServiceRequest,
    ) -> BoxFuture<'a, Result<(), Unsent>>;
}

/// Spans that were not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unsent {
    /// They may be taken later.
    #[error("{why}")]
    Later {
        /// Why not now.
        why: String,
        /// When to try again.
        wait: Duration,
    },
    /// They will never be.
    #[error("{0}")]
    Never(String),
}

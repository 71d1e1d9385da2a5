//! Spans to an OTLP receiver, over gRPC.

use std::time::Duration;

use futures::future::BoxFuture;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::trace_service_client::TraceServiceClient;
use tonic::metadata::AsciiMetadataValue;
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Request};

use crate::error::{ProbesError, Result};
use crate::sink::{Sink, Unsent};

/// How long one attempt may take.
const ATTEMPT: Duration = Duration::from_secs(10);
/// Between two attempts.
const PAUSE: Duration = Duration::from_secs(5);

/// A receiver of OTLP.
#[derive(Debug)]
pub struct Otlp {
    client: TraceServiceClient<Channel>,
    token: Option<AsciiMetadataValue>,
}

impl Otlp {
    /// The receiver at `endpoint`, such as `http://headroom:4317`, with a bearer token. It is reached when there is
    /// something to send.
    pub fn new(endpoint: &str, token: Option<&str>) -> Result<Self> {
        let wrong = |reason: String| ProbesError::Endpoint { endpoint: endpoint.to_owned(), reason };
        let channel = Endpoint::from_shared(endpoint.to_owned()).map_err(|error| wrong(error.to_string()))?;
        let channel = channel.timeout(ATTEMPT).connect_timeout(ATTEMPT).connect_lazy();
        let token = token.map(|token| format!("Bearer {token}").parse()).transpose();
        let token =
            token.map_err(|_| wrong("its token has characters that a header cannot hold".to_owned()))?;
        Ok(Self { client: TraceServiceClient::new(channel), token })
    }
}

impl Sink for Otlp {
    fn send<'a>(
        &'a self,
        _tenant: &'a str,
        spans: &'a ExportTraceServiceRequest,
    ) -> BoxFuture<'a, Result<(), Unsent>> {
        let mut request = Request::new(spans.clone());
        if let Some(token) = &self.token {
            request.metadata_mut().insert("authorization", token.clone());
        }
        let mut client = self.client.clone();
        Box::pin(async move {
            let answer = client.export(request).await.map_err(|status| {
                let why = format!("{:?}: {}", status.code(), status.message());
                // The codes after which OTLP has a client try again.
                match status.code() {
                    Code::Cancelled
                    | Code::DeadlineExceeded
                    | Code::Aborted
                    | Code::OutOfRange
                    | Code::Unavailable
                    | Code::ResourceExhausted
                    | Code::DataLoss => Unsent::Later { why, wait: PAUSE },
                    _ => Unsent::Never(why),
                }
            })?;
            match answer.into_inner().partial_success.filter(|partial| partial.rejected_spans > 0) {
                Some(partial) => Err(Unsent::Never(partial.error_message)),
                None => Ok(()),
            }
        })
    }
}

//! When to try again, and when not to.

use std::future::Future;
use std::time::Duration;

use opentelemetry_sdk::error::OTelSdkError;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tonic::{Code, Status};

/// How long a request is repeated before the run is given up.
pub(crate) const PATIENCE: Duration = Duration::from_mins(2);
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Answers that no repetition changes.
const FINAL: [Code; 5] = [
    Code::Unauthenticated,
    Code::PermissionDenied,
    Code::InvalidArgument,
    Code::Unimplemented,
    Code::NotFound,
];

/// Why an attempt failed.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) reason: String,
    /// No use trying again.
    last: bool,
}

impl From<OTelSdkError> for Failure {
    /// The exporters give the gRPC code only as text, at the end of a sentence
    /// or before a colon.
    fn from(error: OTelSdkError) -> Self {
        let reason = error.to_string();
        let code =
            reason.rsplit_once("gRPC code: ").map_or("", |(_, rest)| rest.split(':').next().unwrap_or(rest));
        let last = FINAL.iter().any(|f| format!("{f:?}") == code);
        Self { reason, last }
    }
}

impl From<Status> for Failure {
    fn from(status: Status) -> Self {
        Self {
            reason: format!("{:?}: {}", status.code(), status.message()),
            last: FINAL.contains(&status.code()),
        }
    }
}

/// Repeats `attempt` with growing pauses for up to `patience`. Gives the number of repetitions, or
/// `None` when `cancel` fired in a pause.
pub(crate) async fn persist<F, Fut>(
    attempt: F,
    patience: Duration,
    cancel: &CancellationToken,
) -> Result<Option<u64>, Failure>
where
    F: Fn() -> Fut,
    Fut: Future<Output = Result<(), Failure>>,
{
    let (started, mut pause, mut retries) = (Instant::now(), FIRST_PAUSE, 0);
    loop {
        match attempt().await {
            Ok(()) => return Ok(Some(retries)),
            Err(failure) if failure.last || started.elapsed() >= patience => return Err(failure),
            Err(failure) => {
                tracing::debug!(reason = failure.reason, retries, "the receiver cannot take a request yet");
                tokio::select! {
                    () = tokio::time::sleep(pause) => {}
                    () = cancel.cancelled() => return Ok(None),
                }
                retries += 1;
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_token_is_final_and_back_pressure_is_not() {
        let sdk = |code: &str| {
            Failure::from(OTelSdkError::InternalFailure(format!(
                "TonicTracesClient export failed with gRPC code: {code}"
            )))
        };
        assert!(sdk("Unauthenticated").last);
        assert!(sdk("PermissionDenied: source").last);
        assert!(!sdk("ResourceExhausted").last && !sdk("Unavailable: tcp connect error").last);
        assert!(!Failure::from(Status::resource_exhausted("full")).last);
        assert!(Failure::from(Status::unimplemented("no metrics here")).last);
    }

    #[tokio::test]
    async fn persistence_ends() {
        let always = || async { Err(Failure { reason: "full".to_owned(), last: false }) };
        let failure =
            persist(always, Duration::ZERO, &CancellationToken::new()).await.expect_err("patience is finite");
        assert_eq!(failure.reason, "full");
        let cancel = CancellationToken::new();
        cancel.cancel();
        let outcome = persist(always, PATIENCE, &cancel).await;
        assert_eq!(outcome.expect("cancelled"), None);
    }
}

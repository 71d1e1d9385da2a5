//! One body until its fate is known.

use std::time::Duration;

use bytes::Bytes;
use tokio::time::{Instant, sleep, timeout};

use super::pause::pause;
use super::{Answer, Connection};
use crate::ledger::Outcome;
use crate::signal::Signal;

/// The fate of a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Delivery {
    pub(crate) outcome: Outcome,
    /// Records that a partial success left out.
    pub(crate) rejected: u64,
    /// Requests made.
    pub(crate) attempts: u32,
    /// Requests that may have arrived and were not answered.
    pub(crate) unanswered: u32,
    /// Status and words of the last answer that was no acknowledgement.
    pub(crate) refusal: Option<(String, String)>,
}

/// Sends `message` until it is acknowledged, refused for good, or `give_up_after` has passed. `retried`
/// hears the status of every attempt that is followed by another.
pub(crate) async fn deliver(
    connection: &mut Connection,
    signal: Signal,
    message: &Bytes,
    (wait, give_up_after): (Duration, Duration),
    mut retried: impl FnMut(String),
) -> Delivery {
    let begun = Instant::now();
    let (mut attempts, mut unanswered) = (0, 0);
    loop {
        attempts += 1;
        let answer = timeout(wait, connection.send(signal, message)).await;
        let answer = if let Ok(answer) = answer {
            answer
        } else {
            connection.leave().await;
            Answer::Lost { why: format!("no answer within {wait:?}"), sent: true }
        };
        let (outcome, status, words, asked) = match answer {
            Answer::Taken { rejected } => {
                let outcome = Outcome::Acknowledged;
                return Delivery { outcome, rejected, attempts, unanswered, refusal: None };
            }
            Answer::Never { status, message } => {
                let refusal = Some((status, message));
                return Delivery { outcome: Outcome::Refused, rejected: 0, attempts, unanswered, refusal };
            }
            Answer::Later { status, message, after } => (Outcome::Refused, status, message, after),
            Answer::Lost { why, sent } => {
                unanswered += u32::from(sent);
                let status = if sent { "no answer" } else { "no connection" };
                (Outcome::Unknown, status.to_owned(), why, None)
            }
        };
        let pause = pause(attempts, asked, &mut rand::rng());
        if begun.elapsed() + pause > give_up_after {
            // A request without an answer may have been taken, whatever was said to the others.
            let outcome = if unanswered > 0 { Outcome::Unknown } else { outcome };
            return Delivery { outcome, rejected: 0, attempts, unanswered, refusal: Some((status, words)) };
        }
        retried(status);
        sleep(pause).await;
    }
}

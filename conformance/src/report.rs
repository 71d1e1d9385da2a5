//! The result of a run.

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::duty::{DUTIES, Duty, Level};

/// A request that was not answered as it should be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RequestShown {
    /// Its method.
    pub method: String,
    /// Its path, below the target's URL.
    pub path: String,
    /// Its headers, without those of the options and without the token.
    pub headers: Vec<(String, String)>,
    /// The length of its body.
    pub body_bytes: usize,
    /// The first bytes of its body: text, or `hex:` and digits.
    pub body: String,
}

/// The answer to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AnswerShown {
    /// The HTTP status.
    pub status: u16,
    /// The headers.
    pub headers: Vec<(String, String)>,
    /// The length of the body.
    pub body_bytes: usize,
    /// The first bytes of the body: text, or `hex:` and digits.
    pub body: String,
    /// The gRPC code's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grpc_status: Option<String>,
    /// The gRPC message.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grpc_message: Option<String>,
    /// The types of the details in `grpc-status-details-bin`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grpc_details: Option<Vec<String>>,
}

/// What is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Failure {
    /// What the protocol wants.
    pub expected: String,
    /// What happened.
    pub found: String,
    /// The request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request: Option<RequestShown>,
    /// The answer, if one came.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answer: Option<AnswerShown>,
}

/// How a check ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "verdict", rename_all = "lowercase")]
pub enum Verdict {
    /// The duty is kept.
    Pass {
        /// What is worth to know all the same.
        #[serde(skip_serializing_if = "Option::is_none")]
        note: Option<String>,
    },
    /// The duty is not kept.
    Fail(Box<Failure>),
    /// It could not be found out, or does not apply.
    Skipped {
        /// Why.
        reason: String,
    },
}

/// A check and how it ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Outcome {
    /// The check's name, which stays the same from version to version.
    pub id: String,
    /// The number of the duty it belongs to, see [`DUTIES`].
    pub duty: u8,
    /// How strongly it is meant.
    pub level: Level,
    /// What is checked, in words.
    pub title: String,
    /// How it ended.
    #[serde(flatten)]
    pub verdict: Verdict,
}

impl Outcome {
    /// The duty it belongs to.
    pub fn duty(&self) -> Duty {
        DUTIES[usize::from(self.duty) - 1]
    }
}

/// How many checks ended how.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Score {
    /// Checks passed.
    pub passed: usize,
    /// Checks failed.
    pub failed: usize,
    /// Checks that say nothing.
    pub skipped: usize,
}

impl Score {
    fn of<'a>(outcomes: impl IntoIterator<Item = &'a Outcome>) -> Self {
        let mut score = Self::default();
        for outcome in outcomes {
            match outcome.verdict {
                Verdict::Pass { .. } => score.passed += 1,
                Verdict::Fail(_) => score.failed += 1,
                Verdict::Skipped { .. } => score.skipped += 1,
            }
        }
        score
    }

    /// Passed by passed and failed, from 0 to 1; `None` when all were skipped.
    pub fn ratio(&self) -> Option<f64> {
        let judged = self.passed + self.failed;
        (judged > 0).then(|| self.passed as f64 / judged as f64)
    }
}

/// The score of one level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct LevelScore {
    /// The level.
    pub level: Level,
    /// Its score.
    #[serde(flatten)]
    pub score: Score,
}

/// The score of one duty.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct DutyScore {
    /// The number of the duty, see [`DUTIES`].
    pub duty: u8,
    /// Its score.
    #[serde(flatten)]
    pub score: Score,
}

/// The result of a run.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// The URL of OTLP over HTTP, if it was checked.
    pub http: Option<String>,
    /// The URL of OTLP over gRPC, if it was checked.
    pub grpc: Option<String>,
    /// When the run began.
    pub started: DateTime<Utc>,
    /// All checks.
    pub score: Score,
    /// The checks by level.
    pub levels: Vec<LevelScore>,
    /// The checks by duty: tables over wires and signals make many checks of some duties.
    pub duties: Vec<DutyScore>,
    /// Each check, in the order they ran.
    pub outcomes: Vec<Outcome>,
}

impl Report {
    pub(crate) fn new(
        http: Option<String>,
        grpc: Option<String>,
        started: DateTime<Utc>,
        outcomes: Vec<Outcome>,
    ) -> Self {
        let levels = Level::ALL
            .into_iter()
            .map(|level| LevelScore { level, score: Score::of(outcomes.iter().filter(|o| o.level == level)) })
            .collect();
        let duties = DUTIES
            .into_iter()
            .map(|Duty { number: duty, .. }| DutyScore {
                duty,
                score: Score::of(outcomes.iter().filter(|o| o.duty == duty)),
            })
            .collect();
        Self { http, grpc, started, score: Score::of(&outcomes), levels, duties, outcomes }
    }

    /// The checks that failed.
    pub fn failed(&self) -> impl Iterator<Item = (&Outcome, &Failure)> {
        self.outcomes.iter().filter_map(|outcome| match &outcome.verdict {
            Verdict::Fail(failure) => Some((outcome, failure.as_ref())),
            Verdict::Pass { .. } | Verdict::Skipped { .. } => None,
        })
    }

    /// What a program that ran the suite should exit with: 0 when no check failed, else 1.
    pub fn exit_code(&self) -> u8 {
        u8::from(self.score.failed > 0)
    }
}

/// Bytes as text where they are text, else as `hex:` and digits.
pub(crate) fn shown_bytes(bytes: &[u8]) -> String {
    let is_text = |text: &str| !text.chars().any(|c| c.is_control() && !"\n\r\t".contains(c));
    match std::str::from_utf8(bytes) {
        Ok(text) if is_text(text) => text.to_owned(),
        // A character cut in two at the end is no reason for hex.
        Err(error) if error.error_len().is_none() && error.valid_up_to() > 0 => {
            shown_bytes(&bytes[..error.valid_up_to()])
        }
        _ => format!("hex:{}", hex::encode(bytes)),
    }
}

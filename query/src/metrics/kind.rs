//! What a metric is, and what may therefore be asked of it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::error::{QueryError, Result};

/// What a metric is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A level that is measured.
    Gauge,
    /// A sum that only rises.
    Counter,
    /// A sum that rises and falls.
    UpDownCounter,
    /// Counts of values between bounds.
    Histogram,
    /// Counts of values in buckets that grow by a factor.
    ExponentialHistogram,
    /// Count and sum, with quantiles that the sender made.
    Summary,
}

/// What the points of a step come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Aggregation {
    /// Mean: of the time series' means, or of all values that a histogram counted.
    Avg,
    /// Sum: of the time series' means, or of all values that a histogram counted.
    Sum,
    /// Smallest point.
    Min,
    /// Largest point.
    Max,
    /// What a counter, or the count of a histogram, rose by in a second.
    Rate,
    /// What it rose by.
    Increase,
    /// Median.
    P50,
    /// 90th percentile.
    P90,
    /// 99th percentile.
    P99,
    /// Time series that reported.
    Count,
}

use Aggregation::{Avg, Count, Increase, Max, Min, P50, P90, P99, Rate, Sum};

impl Aggregation {
    const ALL: [(&'static str, Self); 10] = [
        ("avg", Avg),
        ("sum", Sum),
        ("min", Min),
        ("max", Max),
        ("rate", Rate),
        ("increase", Increase),
        ("p50", P50),
        ("p90", P90),
        ("p99", P99),
        ("count", Count),
    ];

    /// Reads its name.
    ///
    /// # Errors
    /// [`QueryError::BadRequest`] for any other text.
    pub fn parse(text: &str) -> Result<Self> {
        let found = Self::ALL.into_iter().find(|(name, _)| *name == text);
        found.map(|(_, aggregation)| aggregation).ok_or_else(|| {
            QueryError::bad_request(
                format!("there is no aggregation `{text}`"),
                format!("use one of {}", Self::ALL.map(|(name, _)| name).join(", ")),
            )
        })
    }

    fn name(self) -> &'static str {
        Self::ALL.into_iter().find(|(_, one)| *one == self).map_or("", |(name, _)| name)
    }

    /// The quantile that it is.
    pub(super) fn quantile(self) -> Option<f64> {
        match self {
            P50 => Some(0.5),
            P90 => Some(0.9),
            P99 => Some(0.99),
            _ => None,
        }
    }

    /// Whether the figures of two groups add up to that of both.
    pub(super) fn adds_up(self) -> bool {
        matches!(self, Sum | Rate | Increase | Count)
    }

    /// Whether it is of a whole step: one that has not ended says too little.
    pub(super) fn needs_whole_steps(self, kind: Kind) -> bool {
        matches!(self, Rate | Increase) || (self == Sum && kind.counts())
    }
}

impl Kind {
    /// Its table.
    pub(super) fn table(self) -> &'static str {
        match self {
            Self::Gauge => "metric_gauge",
            Self::Counter | Self::UpDownCounter => "metric_sum",
            Self::Histogram => "metric_histogram",
            Self::ExponentialHistogram => "metric_exp_histogram",
            Self::Summary => "metric_summary",
        }
    }

    /// Whether its points count values rather than being one.
    pub(super) fn counts(self) -> bool {
        matches!(self, Self::Histogram | Self::ExponentialHistogram | Self::Summary)
    }

    /// Whether what is asked for is how far its points rose.
    pub(super) fn rises(self, asked: Aggregation) -> bool {
        asked != Count && (self == Self::Counter || self.counts() || asked == Increase)
    }

    fn words(self) -> &'static str {
        match self {
            Self::Gauge => "a gauge",
            Self::Counter => "a counter",
            Self::UpDownCounter => "a sum that rises and falls",
            Self::Histogram => "a histogram",
            Self::ExponentialHistogram => "an exponential histogram",
            Self::Summary => "a summary",
        }
    }

    /// What may be asked of it, the usual first; `delta` where its points count since the one before.
    pub fn offered(self, delta: bool) -> &'static [Aggregation] {
        match (self, delta) {
            (Self::Gauge, _) | (Self::UpDownCounter, false) => &[Avg, Sum, Min, Max, Count],
            (Self::Counter, _) => &[Rate, Increase, Count],
            (Self::UpDownCounter, true) => &[Increase, Count],
            (Self::Histogram | Self::ExponentialHistogram, _) => {
                &[P99, P90, P50, Avg, Rate, Increase, Sum, Count]
            }
            (Self::Summary, _) => &[Avg, Rate, Increase, Sum, Count],
        }
    }

    /// Refuses what may not be asked of it, and says why.
    pub(super) fn check(self, delta: bool, asked: Aggregation, name: &str) -> Result<()> {
        let offered = self.offered(delta);
        if offered.contains(&asked) {
            return Ok(());
        }
        let why = match (self, asked) {
            (Self::Gauge | Self::UpDownCounter, Rate | Increase) => {
                "what it rose by in one step it falls by in another"
            }
            (Self::Counter, Avg | Sum | Min | Max) => {
                "its value says how long its programs have run, not how much they do"
            }
            (Self::UpDownCounter, Avg | Sum | Min | Max) => {
                "it is reported as changes, and where it began nobody said"
            }
            (Self::Histogram | Self::ExponentialHistogram, Min | Max) => {
                "its buckets say between which bounds values lay"
            }
            (Self::Summary, P50 | P90 | P99) => {
                "its senders made quantiles of their own, which cannot be put together"
            }
            _ => "a percentile is made of the buckets of a histogram",
        };
        let offered: Vec<&str> = offered.iter().map(|one| one.name()).collect();
        Err(QueryError::bad_request(
            format!("`{name}` is {}: there is no {} of it, for {why}", self.words(), asked.name()),
            format!("ask for {}", offered.join(", ")),
        ))
    }
}

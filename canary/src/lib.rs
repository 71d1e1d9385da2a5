//! Is the new version worse than the old one?
//!
//! A canary runs beside a baseline, and metrics of both are compared: [`judge`] tests each metric by ranks
//! ([`mann_whitney`]), classifies it as pass, high, low or without data, adds the metrics of a group up to a score, the
//! groups to one score out of 100, and says in words what it found. Rules and figures are those of Kayenta's judge
//! (Spinnaker), so that its configurations carry over; where this crate decides otherwise it says so:
//!
//! - The Hodges-Lehmann interval is exact. Kayenta and R look for its ends with a root finder of tolerance 1e-4 on a function
//!   that is made of steps, and stop near the step; [`differences`] finds the step itself. For metrics of about 1e-4 and
//!   less (seconds of a fast service) theirs is no interval any more.
//! - Samples below 50 without ties are tested by the exact distribution, as R does.
//! - No noise is added to constant samples: the same data give the same verdict.
//!
//! [`Sample`] is a set of values with counts, so that a latency histogram of a billion requests is compared as cheaply as
//! sixty averages: [`Sample::of_buckets`]. Nothing here reads a store or a clock.
//!
//! The test presumes independent observations. Averages of minutes nearly are; the single requests in a histogram are
//! not (a slow minute makes all its requests slow), so that with counts of millions nearly every difference is
//! significant. There the effect decides: set [`Limits`].

pub mod differences;
mod exact;
mod metric;
pub mod normal;
mod rank;
mod sample;
mod score;
mod words;

pub use metric::{
    Class, Direction, Effect, Finding, Importance, Limits, Metric, Missing, Observed, Outliers,
};
pub use rank::{Method, RankTest, asymptotic, mann_whitney};
pub use sample::Sample;
pub use score::{CanaryError, Config, GroupScore, Judgement, Outcome, judge};

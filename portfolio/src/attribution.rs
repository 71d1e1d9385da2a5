//! Attribution: where a return came from.
//!
//! | question | answer |
//! |---|---|
//! | Which decision made the difference to the benchmark, in one period? | [`brinson_fachler`] |
//! | And over several? | [`linked`] |
//! | Which position made the portfolio's own return, over several periods? | [`linked_contributions`]; over one it is [`contributions`](crate::returns::contributions) |
//!
//! All effects add up to what they explain; nothing is left over. What cannot be explained is a [`NoAttribution`].

mod brinson;
mod linking;
mod reason;

#[cfg(test)]
mod tests;

pub use brinson::{Attribution, Effects, Part, Segment, SegmentEffects, brinson_fachler, parts};
pub use linking::{LinkedContribution, LinkedContributions, linked, linked_contributions};
pub use reason::{NoAttribution, Result};

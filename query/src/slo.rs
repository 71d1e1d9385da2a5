//! Service level objectives: what is promised, how much of it was kept, how fast
//! the rest is being spent.
//!
//! The arithmetic is the crate [`headroom_slo`], which is passed on from here: [`spec`] reads
//! OpenSLO v1 files into [`SloSet`], [`timeline`] adds slices up by the objective's budgeting
//! method, [`budget`] turns sums into status, budget and burn, [`rules`] says which burn is worth an
//! alert, and [`words`] puts it in a sentence. Here [`slices`] counts good and total per minute from the
//! roll-ups and keeps them as rows, and [`rows`] and [`detail`] are the HTTP bodies; [`fired`] tells what the
//! alert rules would have done.

mod history;
mod rows;
pub mod slices;

pub use headroom_slo::{
    Ahead, Assessment, Backtest, Budget, Composite, Counting, Findings, Measured, Promise, Rule, Series,
    Severity, Slice, Slo, SloSet, SpecError, SpecErrors, Stretch, Tally, Timeline, Window, assess,
};
pub use headroom_slo::{
    budget, composite, counting, lint, policy, rules, series, spec, timeline, window, words,
};
pub use history::{fired, named, range_or_window};
pub use rows::{
    BurnPoint, Burning, PartBody, SliBody, SloDetail, SloList, SloPoint, SloRow, detail, objective, rows,
    standing, timelines,
};

//! Service level objectives: what is promised, how much of it was kept, how fast
//! the rest is being spent.
//!
//! The way of data: [`spec`] reads OpenSLO v1 files into [`SloSet`]; [`slices`]
//! counts good and total per minute from the roll-ups and keeps them as rows;
//! [`series`] adds rows up by the objective's budgeting method; [`budget`] turns
//! sums into status, budget and burn; [`rules`] says which burn is worth an alert;
//! [`words`] puts it in a sentence; and [`rows`] and [`detail`] are the HTTP bodies.
//! Everything between `slices` and the bodies is plain arithmetic without a store: the
//! crate [`headroom_slo`], which is passed on from here.

mod rows;
pub mod slices;

pub use headroom_slo::{
    Assessment, Budget, Rule, Series, Severity, Slice, Slo, SloSet, SpecError, SpecErrors,
};
pub use headroom_slo::{Tally, assess, budget, rules, series, spec, words};
pub use rows::{SliBody, SloDetail, SloList, SloPoint, SloRow, detail, row, rows};

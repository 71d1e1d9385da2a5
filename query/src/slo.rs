//! Service level objectives: what is promised, how much of it was kept, how fast
//! the rest is being spent.
//!
//! The way of data: [`spec`] reads OpenSLO v1 files into [`SloSet`]; [`slices`]
//! counts good and total per minute from the roll-ups and keeps them as rows;
//! [`series`] adds rows up by the objective's budgeting method; [`budget`] turns
//! sums into status, budget and burn; [`rules`] says which burn is worth an alert;
//! [`words`] puts it in a sentence; and [`rows`] and [`detail`] are the HTTP bodies.
//! Everything between `slices` and the bodies is plain arithmetic without a store.

pub mod budget;
mod rows;
pub mod rules;
pub mod series;
pub mod slices;
pub mod spec;
pub mod words;

pub use budget::{Assessment, Budget, assess};
pub use rows::{SliBody, SloDetail, SloList, SloPoint, SloRow, detail, row, rows};
pub use rules::{Rule, Severity};
pub use series::{Series, Slice, Tally};
pub use spec::{Slo, SloSet, SpecError, SpecErrors};

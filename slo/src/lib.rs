//! Service level objectives: what is promised, how much of it was kept, how fast
//! the rest is being spent, and which burn is worth an alert.
//!
//! Plain arithmetic without a store and without a clock. The way of data: [`spec`] reads
//! OpenSLO v1 files into [`SloSet`]; [`series`] adds measured minutes up by the objective's
//! budgeting method; [`budget`] turns sums into status, budget and burn; [`words`] puts it in
//! a sentence; [`rules`] says which burn is worth an alert; [`reading`] holds a rule against
//! the slices, with [`gate`] for low traffic; and [`machine`] turns readings into
//! alerts that fire, get louder and resolve.

pub mod budget;
pub mod gate;
pub mod lint;
pub mod machine;
pub mod reading;
pub mod rules;
pub mod series;
pub mod spec;
pub mod words;
mod yaml;

pub use budget::{Assessment, Budget, assess};
pub use lint::{Findings, lint};
pub use reading::Reading;
pub use rules::{Rule, Severity};
pub use series::{Series, Slice, Tally};
pub use spec::{Slo, SloSet, SpecError, SpecErrors};

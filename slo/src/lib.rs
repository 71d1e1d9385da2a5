//! Service level objectives: what is promised, how much of it was kept, how fast
//! the rest is being spent, and which burn is worth an alert.
//!
//! Plain arithmetic without a store and without a clock. The way of data: [`spec`] reads
//! OpenSLO v1 files into [`SloSet`], and [`lint`](mod@lint) says what is wrong with them; [`series`] holds measured
//! minutes, and [`timeline`] adds them up by the objective's budgeting method over its [`window`], of
//! which only some time may count ([`counting`]); [`budget`] turns sums into status, budget and burn, and
//! [`composite`] those of several objectives into one, [`ahead`](mod@ahead) what is left when forecast traffic arrives; a [`promise`] is either, and [`measured`] reads both alike, a
//! [`stretch`] at a time where reports ask; [`words`] puts it in a sentence; [`rules`] says which burn is
//! worth an alert; [`reading`] holds a rule against the slices, with [`gate`] for low traffic; [`machine`]
//! turns readings into alerts that fire, get louder and resolve, and [`backtest`](mod@backtest) does so over history; and
//! [`policy`] is OpenSLO's own way to say when somebody is told.

pub mod ahead;
pub mod backtest;
pub mod budget;
pub mod composite;
pub mod counting;
pub mod gate;
pub mod lint;
pub mod machine;
pub mod measured;
pub mod policy;
pub mod promise;
pub mod reading;
pub mod rules;
pub mod series;
pub mod spec;
pub mod stretch;
#[cfg(test)]
mod testing;
pub mod timeline;
pub mod window;
pub mod words;
mod yaml;

pub use ahead::{Ahead, Traffic};
pub use backtest::{Backtest, backtest};
pub use budget::{Assessment, Budget, assess};
pub use composite::Composite;
pub use counting::Counting;
pub use lint::{Findings, lint};
pub use measured::Measured;
pub use policy::AlertPolicy;
pub use promise::Promise;
pub use reading::Reading;
pub use rules::{Rule, Severity};
pub use series::{Series, Slice, Tally};
pub use spec::{Slo, SloSet, SpecError, SpecErrors};
pub use stretch::Stretch;
pub use timeline::Timeline;
pub use window::Window;
